//! What the application commands: all sessions end, permissions change, a session is stepped up.

#![cfg(feature = "issuer")]

use evertoken::core::account::codec::session_id;
use evertoken::core::account::record::{Account, Ending, Limit, SignIn};
use evertoken::core::account::session::{Access, Granted, Proof};
use evertoken::core::error::Code;

const LIMIT: Limit = Limit { sessions: 20, evict: true };
const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn sign_in(number: u8, auth_time: i64) -> SignIn {
    let mut grant = Granted::default();
    grant.proof = Proof { auth_time, acr: Some("1".into()), amr: vec!["pwd".into()] };
    grant.claims = "{}".into();
    SignIn {
        id: session_id([number; 12]),
        client: "web".into(),
        grant,
        idle_ttl: 7 * DAY,
        absolute_ttl: 30 * DAY,
        access: Access { claims: "{}".into(), exp: NOW + 300, ..Access::default() },
    }
}

fn account(sessions: u8) -> Account {
    let mut account = Account::new("ada".into());
    for number in 0..sessions {
        account.sign_in(sign_in(number, NOW), LIMIT, NOW).unwrap();
    }
    account
}

#[test]
fn i11_all_sessions_end_but_the_one_to_keep() {
    let (mut account, kept) = (account(5), session_id([2; 12]));
    assert_eq!(account.sign_out(Some(&kept), NOW).len(), 4);
    assert_eq!(account.live(NOW).map(|session| &*session.id).collect::<Vec<_>>(), [&*kept]);
    assert_eq!(account.tombstone(&session_id([0; 12])).unwrap().why, Ending::Revoked);
    assert_eq!(account.sign_out(None, NOW), [kept]);
    assert_eq!(account.sign_out(None, NOW).len(), 0);
}

#[test]
fn i27_a_session_that_ran_out_by_this_clock_alone_is_ended_too_and_not_counted() {
    let mut account = account(2);
    assert_eq!(account.sign_out(None, NOW + 7 * DAY).len(), 0);
    assert!(account.sessions.is_empty());
    assert_eq!(account.tombstones.len(), 2);
}

#[test]
fn i31_a_sign_in_from_before_is_refused_however_clocks_differ() {
    let mut account = account(0);
    account.sign_out(None, NOW + 30);
    account.sign_out(None, NOW);
    assert_eq!(account.not_before, NOW + 30, "the clock that is ahead counts");
    let refused = account.sign_in(sign_in(1, NOW + 29), LIMIT, NOW + 29).unwrap_err();
    assert_eq!(refused.code, Code::SessionEnded);
    assert!(account.sign_in(sign_in(1, NOW + 30), LIMIT, NOW + 30).is_ok());
}

#[test]
fn i31_a_sign_in_under_way_sees_each_time_that_all_sessions_ended() {
    let mut account = account(0);
    let mut seen = vec![account.sign_outs];
    for _ in 0..3 {
        // All in the same second, where time tells nothing.
        account.sign_out(None, NOW);
        account = Account::read(&account.write()).unwrap();
        assert!(!seen.contains(&account.sign_outs));
        seen.push(account.sign_outs);
    }
}

#[test]
fn i31_an_account_without_sessions_is_kept_while_a_sign_in_may_be_under_way() {
    let mut account = account(0);
    account.sign_out(None, NOW);
    assert_eq!(account.expires_at(), NOW + DAY);
}

#[test]
fn i28_a_step_up_waits_for_the_next_refresh() {
    let (mut account, id) = (account(2), session_id([1; 12]));
    let stepped_up = |proof: &mut Proof| proof.acr = Some("2".into());
    assert!(account.elevate(&id, NOW, stepped_up));
    account = Account::read(&account.write()).unwrap();
    let session = account.session(&id).unwrap();
    assert_eq!(session.grant.proof.acr.as_deref(), Some("1"), "of the live access token");
    assert_eq!(session.proof().acr.as_deref(), Some("2"));
    assert!(account.elevate(&id, NOW, |proof| proof.auth_time = NOW + 9), "and once more");
    account.renew(&id, evertoken::core::account::session::Device::default());
    let session = account.session(&id).unwrap();
    assert_eq!(session.grant.proof.acr.as_deref(), Some("2"));
    assert_eq!((session.grant.proof.auth_time, session.grant.proof.amr.len()), (NOW + 9, 1));
    assert_eq!(session.elevated, None);
    let other = account.session(&session_id([0; 12])).unwrap();
    assert_eq!(other.proof().acr.as_deref(), Some("1"));
    assert!(!account.elevate(&id, NOW + 7 * DAY, stepped_up), "it ran out");
    assert!(!account.elevate("nobody", NOW, stepped_up));
}
