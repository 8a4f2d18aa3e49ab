//! Stateless mode (I17): a refresh token that carries its session, and what becomes of anything else.

#![cfg(feature = "issuer")]

use evertoken::core::account::answer::Answer;
use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::codec::{RefreshToken, Secrets, handle, session_id};
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Limit, SignIn};
use evertoken::core::account::refusal::Refusal;
use evertoken::core::account::session::{Access, Device, Granted};
use evertoken::core::account::stateless::MAX_LENGTH;
use evertoken::core::error::{Code, Error};
use evertoken::core::secret::Secret;
use proptest::prelude::*;

const ISSUER: &str = "https://i.example";
const NOW: i64 = 1_800_000_000;

fn secrets(bytes: &[u8]) -> Secrets {
    let all: Vec<_> = bytes.iter().map(|byte| Secret::new(vec![*byte; 32])).collect();
    Secrets::new(&all).unwrap()
}

fn account(subject: &str, claims: &str) -> Account {
    let mut grant = Granted::default();
    grant.proof.auth_time = NOW;
    grant.proof.amr = vec![String::from("otp")];
    grant.scope = Some(String::from("read"));
    grant.audience = vec![String::from("https://api.example")];
    grant.claims = String::from(claims);
    grant.device = Device { ip: Some(String::from("10.0.0.1")), ..Device::default() };
    let sign_in = SignIn {
        id: session_id([7; 12]),
        client: String::from("web"),
        grant,
        idle_ttl: 1000,
        absolute_ttl: 86_400,
        access: Access { exp: NOW + 300, ..Access::default() },
    };
    let mut account = Account::new(String::from(subject));
    account.sign_in(sign_in, Limit { sessions: 20, evict: true }, NOW).unwrap();
    account
}

fn carry(secrets: &Secrets, account: &Account, now: i64) -> Result<String, Error> {
    let (handle, session) = (&*handle(ISSUER, &account.subject), &account.sessions[0]);
    secrets.carry(&Answer { issuer: ISSUER, handle, account, session, now })
}

fn open(secrets: &Secrets, token: &str) -> Result<(RefreshToken, Account), Refusal> {
    secrets.open(token, ISSUER)
}

fn verdict((token, account): &(RefreshToken, Account), client: &str, now: i64) -> Verdict {
    let attempt = Attempt::new(token.session(), None, [0; 16]).unwrap();
    decide(account, &Ask { token, client, attempt, cookie: true, grace: 30, now })
}

/// The account after a refresh at this instant.
fn refreshed((token, account): (RefreshToken, Account), now: i64) -> Account {
    let mut account = account;
    let attempt = Attempt::new(token.session(), None, [0; 16]).unwrap();
    let ask = Ask { token: &token, client: "web", attempt, cookie: true, grace: 30, now };
    account.rotate(&ask, Access { exp: now + 900, ..Access::default() });
    account
}

#[test]
fn i17_a_token_carries_its_session_until_its_end_and_never_beyond() {
    let secrets = secrets(&[1]);
    let mut account = account("ada", r#"{"plan":"pro"}"#);
    let mut now = NOW;
    for generation in 1..=100 {
        let carried = open(&secrets, &carry(&secrets, &account, now).unwrap()).unwrap();
        let session = carried.1.session(carried.0.session()).unwrap();
        assert_eq!((carried.0.generation(), session.generation), (generation, generation));
        assert_eq!((session.created, session.last_used), (NOW, now));
        assert_eq!((session.idle_ttl, session.absolute_end), (1000, NOW + 86_400));
        let mut wanted = account.sessions[0].grant.clone();
        wanted.device = Device::default();
        assert_eq!(session.grant, wanted, "where it comes from stays here");
        assert_eq!(verdict(&carried, "web", now), Verdict::Rotate { rolled_back: false });
        assert_eq!(verdict(&carried, "app", now), Verdict::Refuse(Refusal::Invalid));
        assert_eq!(verdict(&carried, "web", now + 1000), Verdict::Refuse(Refusal::Idle));
        assert_eq!(verdict(&carried, "web", NOW + 86_400), Verdict::Refuse(Refusal::Expired));
        now += 860;
        account = refreshed(carried, now);
        assert_eq!(account.sessions[0].access.exp, (now + 900).min(NOW + 86_400));
    }
}

#[test]
fn i27_a_clock_that_is_behind_does_not_shorten_or_lengthen_a_session() {
    let secrets = secrets(&[1]);
    let token = carry(&secrets, &account("ada", "{}"), NOW).unwrap();
    let account = refreshed(open(&secrets, &token).unwrap(), NOW - 30);
    let session = &account.sessions[0];
    assert_eq!((session.last_used, session.refresh_end()), (NOW, NOW + 1000));
}

#[test]
fn i8_any_changed_character_makes_it_invalid() {
    let secrets = secrets(&[1]);
    let token = carry(&secrets, &account("ada", "{}"), NOW).unwrap();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(open(&secrets, &changed).unwrap_err(), Refusal::Invalid, "{changed}");
        }
        assert_eq!(open(&secrets, &token[..at]).unwrap_err(), Refusal::Invalid);
    }
    assert_eq!(open(&secrets, &"A".repeat(1 << 20)).unwrap_err(), Refusal::Invalid);
}

#[test]
fn i32_secrets_rotate_in_two_steps() {
    let (old, both, new) = (secrets(&[1]), secrets(&[1, 2]), secrets(&[2, 1]));
    let account = account("ada", "{}");
    for minter in [&old, &both, &new] {
        let token = carry(minter, &account, NOW).unwrap();
        assert!(open(&both, &token).is_ok() && open(&new, &token).is_ok());
    }
    let token = carry(&new, &account, NOW).unwrap();
    assert_eq!(open(&old, &token).unwrap_err(), Refusal::UnknownSecret);
    assert_eq!(open(&Secrets::default(), &token).unwrap_err(), Refusal::Invalid);
}

#[test]
fn i17_issuers_that_share_their_secrets_do_not_share_their_sessions() {
    let secrets = secrets(&[1]);
    let token = carry(&secrets, &account("ada", "{}"), NOW).unwrap();
    assert_eq!(secrets.open(&token, "https://j.example").unwrap_err(), Refusal::Invalid);
}

#[test]
fn i17_what_no_cookie_holds_is_refused_at_the_sign_in_and_never_later() {
    let secrets = secrets(&[1]);
    let mut longest = 0;
    for length in 1800..3000 {
        let claims = ["{\"a\":\"", &*"x".repeat(length), "\"}"].concat();
        let mut account = account(&"s".repeat(255), &claims);
        match carry(&secrets, &account, NOW) {
            Ok(_) => longest = length,
            Err(error) => {
                assert_eq!(error.code, Code::Options);
                assert_eq!(error.detail().option.as_deref(), Some("claims"));
                break;
            }
        }
        account.sessions[0].generation = (1 << 53) - 1;
        let token = carry(&secrets, &account, NOW).unwrap();
        assert!(token.len() <= MAX_LENGTH && open(&secrets, &token).is_ok(), "{length}");
    }
    assert!((1800..2900).contains(&longest), "{longest}");
}

proptest! {
    #[test]
    fn i8_anything_at_all_is_answered(token in ".{0,200}", parts in "[A-Za-z0-9_-]{0,90}\\.[A-Za-z0-9_-]{0,90}\\.[A-Za-z0-9_-]{0,43}") {
        let secrets = secrets(&[1]);
        for token in [token, parts] {
            prop_assert_eq!(open(&secrets, &token).unwrap_err(), Refusal::Invalid);
        }
    }
}
