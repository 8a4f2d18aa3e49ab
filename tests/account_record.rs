//! The record as stores keep it: it comes back as it was, stays small, and is never destroyed.

#![cfg(feature = "issuer")]

use evertoken::core::account::access::AccessToken;
use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::claims;
use evertoken::core::account::codec::{RefreshToken, Secrets, handle, session_id};
use evertoken::core::account::command::MAX_RECORD;
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Ending, Limit, SignIn};
use evertoken::core::account::refusal::Refusal;
use evertoken::core::account::session::{Access, Device, Granted};
use evertoken::core::error::Code;
use evertoken::core::json::Object;
use evertoken::core::secret::Secret;

const LIMIT: Limit = Limit { sessions: 20, evict: true };
const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn access(jti: &str, now: i64) -> Access {
    let claims = String::from("{\"a\":1.50}");
    let scope = Some(String::from("read"));
    Access { jti: jti.into(), iat: now, exp: now + 300, scope, permissions: 3, claims }
}

fn sign_in(number: u8, claims: &str) -> SignIn {
    let mut grant = Granted::default();
    grant.proof.auth_time = NOW;
    grant.proof.acr = Some("2".into());
    grant.proof.amr = vec!["pwd".into(), "otp".into()];
    grant.audience = vec!["https://api.example".into()];
    grant.claims = claims.into();
    grant.device = Device { label: Some("é\"\\\n".repeat(99)), user_agent: None, ip: None };
    SignIn {
        id: session_id([number; 12]),
        client: "web".into(),
        grant: grant.bounded(NOW).unwrap(),
        idle_ttl: 7 * DAY,
        absolute_ttl: 30 * DAY,
        access: access("first", NOW),
    }
}

fn refresh(account: &mut Account, session: &str, generation: u64, now: i64) -> Verdict {
    let secrets = Secrets::new(&[Secret::new(vec![1; 32])]).unwrap();
    let token = secrets.mint(&handle("i", "ada"), session, generation, "web");
    let token = RefreshToken::parse(&token).unwrap();
    let attempt = Attempt::new(session, Some(&format!("{generation:022}")), [0; 16]).unwrap();
    let ask = Ask { token: &token, client: "web", attempt, cookie: false, grace: 30, now };
    let verdict = decide(account, &ask);
    match verdict {
        Verdict::Rotate { .. } => account.rotate(&ask, access("next", now)),
        _ => account.settle(&verdict, &ask),
    }
    verdict
}

#[test]
fn i2_a_thousand_generations_in_a_record_of_one_size() {
    let mut account = Account::new("ada".into());
    account.sign_in(sign_in(1, "{}"), LIMIT, NOW).unwrap();
    let id = session_id([1; 12]);
    let mut sizes = Vec::new();
    for generation in 1..=1000 {
        let now = NOW + 60 * i64::try_from(generation).unwrap();
        assert_eq!(
            refresh(&mut account, &id, generation, now),
            Verdict::Rotate { rolled_back: false }
        );
        account = Account::read(&account.write()).unwrap();
        sizes.push(account.write().len());
    }
    assert_eq!(account.session(&id).unwrap().generation, 1001);
    assert!(sizes[999].abs_diff(sizes[200]) <= 8, "{} and {}", sizes[200], sizes[999]);
}

#[test]
fn a_record_comes_back_as_it_was() {
    let mut account = Account::new("ada \u{1f600}\"".into());
    for number in 0..5 {
        account.sign_in(sign_in(number, r#"{"role":"admin"}"#), LIMIT, NOW).unwrap();
    }
    let id = session_id([1; 12]);
    refresh(&mut account, &id, 1, NOW + 5);
    refresh(&mut account, &id, 9, NOW + 60);
    account.end(&session_id([2; 12]), Ending::Evicted, NOW);
    account.deny(&presented(&session_id([3; 12]), "first", NOW), NOW);
    assert_eq!(Account::read(&account.write()).unwrap(), account);
}

#[test]
fn a_record_of_a_newer_release_or_a_damaged_one_may_be_tried_again() {
    let text = Account::new("ada".into()).write();
    let newer = text.replacen("\"v\":1", "\"v\":2", 1);
    assert_eq!(
        Account::read(&newer).unwrap_err().detail().reason,
        Refusal::NewerRecord.error().detail().reason
    );
    for damaged in ["", "{}", &text[1..], &text.replace("sessions", "session")] {
        let error = Account::read(damaged).unwrap_err();
        assert_eq!(error.code, Code::Store);
        assert!(error.code.retryable());
    }
}

#[test]
fn claims_that_pass_the_check_never_make_a_record_unreadable() {
    let nested = |depth| ["{\"a\":".repeat(depth), "1".into(), "}".repeat(depth)].concat();
    for depth in 1..40 {
        let claims = nested(depth);
        if claims::check(&claims, "{}", "claims").is_ok() {
            let mut account = Account::new("ada".into());
            let mut sign_in = sign_in(1, &claims);
            sign_in.access.claims = claims;
            account.sign_in(sign_in, LIMIT, NOW).unwrap();
            assert_eq!(Account::read(&account.write()).as_ref(), Ok(&account), "{depth}");
        }
    }
}

#[test]
fn the_oldest_session_makes_room_and_is_told_so() {
    let mut account = Account::new("ada".into());
    let limit = Limit { sessions: 3, evict: true };
    for number in 0..3 {
        assert_eq!(account.sign_in(sign_in(number, "{}"), limit, NOW), Ok(vec![]));
    }
    let first = session_id([0; 12]);
    assert_eq!(account.sign_in(sign_in(3, "{}"), limit, NOW), Ok(vec![first.clone()]));
    assert_eq!(refresh(&mut account, &first, 1, NOW), Verdict::Refuse(Refusal::Evicted));
    let refusing = Limit { sessions: 3, evict: false };
    let refused = account.sign_in(sign_in(4, "{}"), refusing, NOW).unwrap_err();
    assert_eq!(refused.code, Code::SessionLimit);
    // Sessions that ran out take nobody's place.
    assert_eq!(account.sign_in(sign_in(4, "{}"), refusing, NOW + 8 * DAY), Ok(vec![]));
}

#[test]
fn a_record_never_outgrows_the_smallest_store() {
    let mut account = Account::new("ada".into());
    let claims = format!("{{\"a\":\"{}\"}}", "x".repeat(2000));
    let mut lost = 0;
    for number in 0..=255 {
        let newest = sign_in(number, &claims);
        let (id, limit) = (newest.id.clone(), Limit { sessions: 100, evict: true });
        lost += account.sign_in(newest, limit, NOW).unwrap().len();
        let (text, evicted) = account.fit(&id, NOW);
        lost += evicted.len();
        assert!(text.len() <= MAX_RECORD);
        assert_eq!(text, account.write());
        assert!(account.session(&id).is_some());
        assert_eq!(account.sessions.len() + lost, usize::from(number) + 1, "each end is told");
    }
}

#[test]
fn a_record_that_grows_forgets_old_generations_before_it_ends_a_session() {
    let mut account = Account::new("ada".into());
    for number in 0..100 {
        account.sign_in(sign_in(number, "{}"), Limit { sessions: 100, evict: true }, NOW).unwrap();
    }
    let ids: Vec<_> = account.sessions.iter().map(|session| session.id.clone()).collect();
    for id in ids.iter().take(50) {
        for generation in 1..=64 {
            refresh(&mut account, id, generation, NOW + 60 * i64::try_from(generation).unwrap());
        }
    }
    account.sessions.truncate(50);
    assert!(account.write().len() > MAX_RECORD);
    let (text, evicted) = account.fit(&ids[0], NOW);
    assert!(evicted.is_empty() && text.len() <= MAX_RECORD, "{} {evicted:?}", text.len());
}

#[test]
fn i26_a_record_of_the_first_release_is_read_and_what_is_unknown_in_it_left_out() {
    let first = include_str!("vectors/record-1.json").trim_end();
    let account = Account::read(first).unwrap();
    let session = account.sessions.first().unwrap();
    assert_eq!((session.generation, session.grant.proof.acr.as_deref()), (2, Some("2")));
    assert_eq!((session.past.len(), session.denied.len(), account.tombstones.len()), (1, 1, 1));
    let later = first.replacen('{', "{\"later\":{\"a\":[1]},", 1);
    assert_eq!(Account::read(&later).as_ref(), Ok(&account));
    assert_eq!(Account::read(&account.write()).as_ref(), Ok(&account));
}

#[test]
fn i10_an_end_keeps_its_name_until_it_would_have_come_anyway() {
    let mut account = Account::new("ada".into());
    account.sign_in(sign_in(1, "{}"), LIMIT, NOW).unwrap();
    let id = session_id([1; 12]);
    refresh(&mut account, &id, 1, NOW + 60);
    account.sign_in(sign_in(2, "{}"), LIMIT, NOW).unwrap();
    let other = session_id([2; 12]);
    let refused = |account: &mut Account, id: &str, now| refresh(account, id, 1, now).refusal();
    assert_eq!(refused(&mut account, &other, NOW + 7 * DAY), Some(Refusal::Idle));
    assert_eq!(refused(&mut account, &other, NOW + 30 * DAY), Some(Refusal::Expired));
    account.end(&id, Ending::Revoked, NOW + DAY);
    assert_eq!(refused(&mut account, &id, NOW + 29 * DAY), Some(Refusal::Revoked));
    assert_eq!(account.expires_at(), NOW + 31 * DAY);
}

fn presented(session: &str, jti: &str, iat: i64) -> AccessToken {
    let claims = format!(
        r#"{{"sid":"{}.{session}","jti":"{jti}","iat":{iat},"exp":{},"pv":3}}"#,
        handle("i", "ada"),
        iat + 300
    );
    AccessToken::read(&Object::parse(claims.as_bytes()).unwrap()).unwrap()
}

#[test]
fn i12_an_access_token_never_survives_its_revocation_and_takes_no_session_with_it() {
    let mut account = Account::new("ada".into());
    account.sign_in(sign_in(1, "{}"), LIMIT, NOW).unwrap();
    let id = session_id([1; 12]);
    for number in 0..20 {
        let token = presented(&id, &number.to_string(), NOW + number);
        assert!(account.deny(&token, NOW + number));
        account = Account::read(&account.write()).unwrap();
        for earlier in 0..=number {
            let token = presented(&id, &earlier.to_string(), NOW + earlier);
            assert!(token.check_denied(Some(&account)).is_err());
        }
        assert!(presented(&id, "next", NOW + 21).check_denied(Some(&account)).is_ok());
        assert!(account.session(&id).unwrap().denied.len() <= 8);
    }
}

#[test]
fn i12_a_revoked_access_token_is_remembered_while_a_verifier_may_accept_it_and_no_longer() {
    let mut account = Account::new("ada".into());
    account.sign_in(sign_in(1, "{}"), LIMIT, NOW).unwrap();
    let id = session_id([1; 12]);
    account.deny(&presented(&id, "first", NOW), NOW);
    refresh(&mut account, &id, 1, NOW + 359);
    assert_eq!(account.session(&id).unwrap().denied.len(), 1);
    refresh(&mut account, &id, 2, NOW + 360);
    assert_eq!(account.session(&id).unwrap().denied.len(), 0);
}

#[test]
fn i12_a_session_that_ran_out_takes_its_access_tokens_with_it() {
    let mut account = Account::new("ada".into());
    account.sign_in(sign_in(1, "{}"), LIMIT, NOW).unwrap();
    let id = session_id([1; 12]);
    let token = presented(&id, "long", NOW);
    assert_eq!(token.check_session(Some(&account), NOW + 7 * DAY - 1), Ok(()));
    let over = token.check_session(Some(&account), NOW + 7 * DAY).unwrap_err();
    assert_eq!(over.code, Code::TokenRevoked);
    assert_eq!(token.check_denied(Some(&account)), Ok(()));
    assert_eq!(token.check_denied(None), Ok(()));
    assert!(token.check_session(None, NOW).is_err());
    account.bump_permissions();
    assert_eq!(token.check_denied(Some(&account)), Ok(()), "version 3 is newer than 1");
    account.permissions = 4;
    assert_eq!(token.check_denied(Some(&account)).unwrap_err().code, Code::TokenStale);
}

#[test]
fn i5_an_old_token_ends_its_session_and_no_other() {
    let mut account = Account::new("ada".into());
    for number in 1..=2 {
        account.sign_in(sign_in(number, "{}"), LIMIT, NOW).unwrap();
    }
    let id = session_id([1; 12]);
    for generation in 1..=80 {
        refresh(&mut account, &id, generation, NOW + 100 * i64::try_from(generation).unwrap());
    }
    // A late duplicate of the client's own, however old, is not a thief.
    for generation in [1, 16, 17, 50, 79] {
        let mut copy = account.clone();
        assert_eq!(refresh(&mut copy, &id, generation, NOW + 9000), Verdict::Superseded);
    }
    let secrets = Secrets::new(&[Secret::new(vec![1; 32])]).unwrap();
    for (generation, absent, expected) in [
        (80, false, Verdict::Reuse),
        (79, false, Verdict::Reuse),
        (17, false, Verdict::Reuse),
        (16, false, Verdict::Superseded),
        (16, true, Verdict::Reuse),
    ] {
        let token = secrets.mint(&handle("i", "ada"), &id, generation, "web");
        let token = RefreshToken::parse(&token).unwrap();
        let given = (!absent).then_some("a-thief-makes-his-own-attempt");
        let attempt = Attempt::new(&id, given, [9; 16]).unwrap();
        let now = NOW + 9000;
        let ask = Ask { token: &token, client: "web", attempt, cookie: false, grace: 30, now };
        let verdict = decide(&account, &ask);
        assert_eq!(verdict, expected, "generation {generation}");
        let mut copy = account.clone();
        copy.settle(&verdict, &ask);
        assert_eq!(copy.session(&id).is_none(), verdict == Verdict::Reuse);
        assert!(copy.session(&session_id([2; 12])).is_some());
    }
}
