//! The table of `decide()`, row by row: each case, on both sides of its edges, has its one answer.

#![cfg(feature = "issuer")]

use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::codec::{RefreshToken, Secrets, handle, session_id};
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Ending, Limit, SignIn};
use evertoken::core::account::refusal::Refusal;
use evertoken::core::account::session::{Access, Granted, Session};
use evertoken::core::error::Code;
use evertoken::core::secret::Secret;

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;
const GRACE: i64 = 30;
/// The last moment of the grace, clocks and all.
const LATEST: i64 = GRACE + 5;
const LIMIT: Limit = Limit { sessions: 20, evict: true };
const ROTATE: Verdict = Verdict::Rotate { rolled_back: false };

/// One account with one session, and a clock.
#[derive(Clone)]
struct Table {
    account: Account,
    now: i64,
}

impl Table {
    fn new() -> Self {
        let mut account = Account::new("ada".into());
        account.sign_in(sign_in(1), LIMIT, NOW).unwrap();
        Self { account, now: NOW }
    }

    /// A session whose client has refreshed so often, each time with the attempt of its generation.
    fn rotated(times: u64) -> Self {
        let mut table = Self::new();
        for generation in 1..=times {
            table.now += 1000;
            assert_eq!(table.refresh(generation, own(generation)), ROTATE);
        }
        table
    }

    fn after(mut self, seconds: i64) -> Self {
        self.now += seconds;
        self
    }

    fn refresh(&mut self, generation: u64, attempt: Option<String>) -> Verdict {
        self.ask(generation, attempt, false)
    }

    fn ask(&mut self, generation: u64, attempt: Option<String>, cookie: bool) -> Verdict {
        let id = session_id([1; 12]);
        let secrets = Secrets::new(&[Secret::new(vec![1; 32])]).unwrap();
        let token = secrets.mint(&handle("i", "ada"), &id, generation, "web");
        let token = RefreshToken::parse(&token).unwrap();
        let attempt = Attempt::new(&id, attempt.as_deref(), entropy()).unwrap();
        let ask =
            Ask { token: &token, client: "web", attempt, cookie, grace: GRACE, now: self.now };
        let verdict = decide(&self.account, &ask);
        match &verdict {
            Verdict::Rotate { .. } => self.account.rotate(&ask, access("next", self.now)),
            other => self.account.settle(other, &ask),
        }
        // What the store keeps is all that the next one sees.
        self.account = Account::read(&self.account.write()).unwrap();
        verdict
    }

    fn session(&self) -> &Session {
        self.account.session(&session_id([1; 12])).unwrap()
    }
}

fn sign_in(number: u8) -> SignIn {
    let mut grant = Granted::default();
    grant.proof.auth_time = NOW;
    grant.claims = "{}".into();
    SignIn {
        id: session_id([number; 12]),
        client: "web".into(),
        grant,
        idle_ttl: 7 * DAY,
        absolute_ttl: 30 * DAY,
        access: access("first", NOW),
    }
}

fn access(jti: &str, now: i64) -> Access {
    Access { jti: jti.into(), iat: now, exp: now + 300, claims: "{}".into(), ..Access::default() }
}

/// The attempt that the client stored with a generation.
fn own(generation: u64) -> Option<String> {
    Some(format!("own{generation:022}"))
}

/// Somebody else's.
fn other(number: u64) -> Option<String> {
    Some(format!("other{number:022}"))
}

/// Different for every request, as randomness is.
fn entropy() -> [u8; 16] {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

fn believed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Believe(_))
}

#[test]
fn an_unknown_session_is_refused_and_alarms_nobody() {
    let mut table = Table::new();
    table.account.sessions.clear();
    let verdict = table.refresh(1, own(1));
    assert_eq!(verdict, Verdict::Refuse(Refusal::Unknown));
    assert!(verdict.events().is_empty());
}

#[test]
fn an_ended_session_says_why_whatever_comes() {
    for (ending, refusal) in [
        (Ending::Revoked, Refusal::Revoked),
        (Ending::Reuse, Refusal::Reuse),
        (Ending::Evicted, Refusal::Evicted),
    ] {
        let mut table = Table::rotated(3);
        let now = table.now;
        assert!(table.account.end(&session_id([1; 12]), ending, now));
        for generation in 1..=5 {
            let verdict = table.refresh(generation, own(generation));
            assert_eq!(verdict, Verdict::Refuse(refusal));
            assert!(verdict.events().is_empty());
        }
    }
}

#[test]
fn time_ends_a_session_to_the_second() {
    for (seconds, expected) in [(7 * DAY - 1, ROTATE), (7 * DAY, Verdict::Refuse(Refusal::Idle))] {
        assert_eq!(Table::new().after(seconds).refresh(1, own(1)), expected);
    }
    // A repeat is no use: it moves neither end.
    let mut table = Table::rotated(1).after(7 * DAY - 1);
    assert_eq!(table.refresh(1, own(1)), Verdict::Repeat);
    assert_eq!(table.after(1).refresh(2, own(2)), Verdict::Refuse(Refusal::Idle));
    let mut table = Table::new();
    for generation in 1..=5 {
        table.now += 6 * DAY - 1;
        assert_eq!(table.refresh(generation, own(generation)), ROTATE);
    }
    assert_eq!(table.clone().after(4).refresh(6, own(6)), ROTATE);
    assert_eq!(table.after(5).refresh(6, own(6)), Verdict::Refuse(Refusal::Expired));
}

#[test]
fn in_a_cookie_the_attempt_that_made_the_token_says_that_the_jar_is_ahead() {
    let table = Table::rotated(3);
    for (generation, attempt) in [(4, 3), (3, 2), (2, 1)] {
        let verdict = table.clone().after(9999).ask(generation, own(attempt), true);
        assert_eq!(verdict, Verdict::Superseded, "{generation}");
    }
    assert_eq!(table.clone().ask(4, own(4), true), ROTATE);
    // In a body it is an attempt like any other.
    assert_eq!(table.clone().ask(4, own(3), false), ROTATE);
}

#[test]
fn a_store_that_went_back_moves_forward_and_forgets_what_it_cannot_know() {
    let mut table = Table::rotated(2);
    assert_eq!(table.refresh(6, own(6)), Verdict::Rotate { rolled_back: true });
    assert_eq!(table.session().generation, 7);
    assert_eq!(table.refresh(6, own(6)), Verdict::Repeat);
    table = table.after(9999);
    // Generations 3 to 5 were moved on from by attempts that the store has lost.
    for generation in 3..=5 {
        assert_eq!(table.clone().refresh(generation, other(1)), Verdict::Superseded);
        assert_eq!(table.clone().refresh(generation, None), Verdict::Superseded);
    }
    assert_eq!(table.clone().refresh(2, own(2)), Verdict::Superseded);
    assert_eq!(table.clone().refresh(2, other(1)), Verdict::Reuse);
    assert_eq!(table.refresh(6, other(1)), Verdict::Reuse);
}

#[test]
fn the_live_token_moves_on_and_time_never_goes_back() {
    let mut table = Table::new();
    assert_eq!(table.refresh(1, own(1)), ROTATE);
    table.now -= 20;
    assert_eq!(table.refresh(2, None), ROTATE);
    let session = table.session();
    assert_eq!((session.generation, session.rotated_at, session.last_used), (3, NOW, NOW));
    assert_eq!((session.access.iat, session.access.exp), (NOW - 20, NOW + 280));
}

#[test]
fn the_same_attempt_gets_the_same_for_as_long_as_the_session_lives() {
    for seconds in [0, LATEST, LATEST + 1, 6 * DAY] {
        let mut table = Table::rotated(1).after(seconds);
        let before = table.account.clone();
        assert_eq!(table.refresh(1, own(1)), Verdict::Repeat);
        assert_eq!(table.account, before);
    }
}

#[test]
fn a_stranger_is_believed_within_the_grace_and_no_longer() {
    let table = Table::rotated(1);
    for attempt in [other(1), None] {
        let verdict = table.clone().after(LATEST).refresh(1, attempt.clone());
        assert!(believed(&verdict));
        assert_eq!(verdict.events(), ["grace"]);
        let late = table.clone().after(LATEST + 1).refresh(1, attempt);
        assert_eq!(late, Verdict::Reuse);
        assert_eq!(late.events(), ["reuse"]);
    }
    // Believed once, an attempt proves a repeat like the first; the use of the session is not theirs.
    let mut table = table.after(LATEST);
    let used = table.session().last_used;
    assert!(believed(&table.refresh(1, other(1))));
    assert_eq!(table.session().last_used, used);
    assert_eq!(table.clone().after(DAY).refresh(1, other(1)), Verdict::Repeat);
    assert_eq!(table.after(DAY).refresh(1, other(2)), Verdict::Reuse);
}

#[test]
fn those_without_attempt_cost_one_unit_for_each_generation() {
    let mut table = Table::rotated(1);
    for _ in 0..30 {
        assert!(believed(&table.refresh(1, None)));
    }
    for number in 0..9 {
        assert!(believed(&table.refresh(1, other(number))), "{number}");
    }
    // The tenth unit was the first's. Whoever is counted already still is; who could prove more waits.
    assert_eq!(table.refresh(1, other(9)), Verdict::Superseded);
    assert!(believed(&table.refresh(1, None)));
    assert_eq!(table.refresh(2, own(2)), ROTATE);
    assert_eq!(table.clone().refresh(2, other(10)), Verdict::Superseded);
    assert_eq!(table.refresh(2, None), Verdict::Reuse);
}

#[test]
fn an_older_token_is_late_or_stolen() {
    let table = Table::rotated(5).after(9999);
    for generation in 1..=4 {
        let late = table.clone().refresh(generation, own(generation));
        assert_eq!(
            (late.refusal(), late.events()),
            (Some(Refusal::Superseded), &["superseded"][..])
        );
        assert_eq!(table.clone().refresh(generation, other(1)), Verdict::Reuse);
        assert_eq!(table.clone().refresh(generation, None), Verdict::Reuse);
    }
    // Two generations within one grace: the older is as young as the newer.
    let mut table = Table::rotated(1);
    table.now += 10;
    assert_eq!(table.refresh(2, own(2)), ROTATE);
    assert_eq!(table.clone().after(LATEST - 10).refresh(1, other(1)), Verdict::Superseded);
    assert_eq!(table.clone().after(LATEST - 9).refresh(1, other(1)), Verdict::Reuse);
}

#[test]
fn who_was_believed_is_late_and_no_thief_two_generations_on() {
    let mut table = Table::rotated(1);
    assert!(believed(&table.refresh(1, other(1))));
    assert_eq!(table.refresh(2, own(2)), ROTATE);
    assert_eq!(table.after(9999).refresh(1, other(1)), Verdict::Superseded);
}

#[test]
fn beyond_what_is_kept_only_a_token_without_attempt_is_an_alarm() {
    let table = Table::rotated(66).after(9999);
    assert_eq!(table.clone().refresh(2, other(1)), Verdict::Superseded);
    assert_eq!(table.clone().refresh(2, None), Verdict::Reuse);
    assert_eq!(table.clone().refresh(3, other(1)), Verdict::Reuse);
    assert_eq!(table.clone().refresh(3, own(3)), Verdict::Superseded);
}

#[test]
fn no_access_token_outlives_its_session() {
    let mut table = Table::new();
    for generation in 1..=5 {
        table.now += 6 * DAY - 10;
        assert_eq!(table.refresh(generation, own(generation)), ROTATE);
    }
    assert_eq!(table.session().access.exp, NOW + 30 * DAY);
    let mut account = Account::new("ada".into());
    let mut short = sign_in(2);
    short.absolute_ttl = 60;
    account.sign_in(short, LIMIT, NOW).unwrap();
    assert_eq!(account.sessions[0].access.exp, NOW + 60);
}

#[test]
fn what_was_made_before_permissions_or_trust_changed_is_no_good() {
    let mut table = Table::new();
    let (id, jti) = (session_id([1; 12]), "first");
    assert_eq!(table.account.check_access(&id, jti, NOW, 0), Ok(()));
    table.account.permissions = 1;
    assert_eq!(table.account.check_access(&id, jti, NOW, 0).unwrap_err().code, Code::TokenStale);
    assert_eq!(table.account.check_access(&id, jti, NOW, 1), Ok(()));
    for (not_before, allowed) in [(NOW, true), (NOW + 1, false)] {
        table.account.not_before = not_before;
        let sign_in = sign_in(2);
        let answer = table.account.clone().sign_in(sign_in, LIMIT, NOW);
        assert_eq!(
            answer.map_err(|error| error.code),
            if allowed { Ok(vec![]) } else { Err(Code::SessionEnded) }
        );
    }
}

/// Each row of docs/protocol.md by its number, and what becomes of such a refresh.
fn rows() -> Vec<(usize, Verdict)> {
    let mut ended = Table::rotated(3);
    ended.account.end(&session_id([1; 12]), Ending::Revoked, NOW);
    let mut unknown = Table::new();
    unknown.account.sessions.clear();
    let mut foreign = Table::new();
    foreign.account.sessions[0].client = "app".into();
    let (one, five) = (Table::rotated(1), Table::rotated(5).after(9999));
    let mut spent = one.clone();
    assert!((0..10).all(|number| believed(&spent.refresh(1, other(number)))));
    let mut restored = Table::rotated(2);
    let rollback = restored.refresh(6, own(6));
    let mut two_at_once = one.clone();
    two_at_once.refresh(2, own(2));
    let old = Table::rotated(66).after(9999);
    let of = |table: &Table, generation, attempt| table.clone().refresh(generation, attempt);
    vec![
        (1, of(&ended, 4, own(4))),
        (2, of(&unknown, 1, own(1))),
        (3, of(&foreign, 1, own(1))),
        (4, of(&Table::new().after(7 * DAY), 1, own(1))),
        (5, five.clone().ask(6, own(5), true)),
        (6, rollback),
        (7, of(&one, 2, own(2))),
        (7, of(&one, 2, None)),
        (8, of(&one.clone().after(6 * DAY), 1, own(1))),
        (9, of(&one, 1, other(1))),
        (9, of(&one, 1, None)),
        (10, of(&spent, 1, other(10))),
        (11, of(&spent, 1, None)),
        (12, of(&one.clone().after(LATEST + 1), 1, other(1))),
        (12, of(&one.clone().after(LATEST + 1), 1, None)),
        (13, of(&five, 1, own(1))),
        (13, of(&two_at_once, 1, other(1))),
        (14, of(&restored.after(9999), 4, None)),
        (15, of(&old, 2, other(1))),
        (16, of(&old, 2, None)),
        (16, of(&five, 4, other(1))),
    ]
}

#[test]
fn the_rows_of_docs_protocol_say_what_is_so() {
    let lines: Vec<_> = include_str!("../docs/protocol.md").lines().collect();
    let rows = rows();
    for (number, verdict) in &rows {
        let row = lines.iter().find(|line| line.starts_with(&format!("| {number} | ")));
        let said = row.and_then(|row| row.split(" | ").nth(2)).unwrap();
        let name = format!("{verdict:?}").replace(['(', '{', ' '], "\n");
        assert!(said.starts_with(&format!("`{}`", name.lines().next().unwrap())), "{said} {name}");
        if let (Verdict::Refuse(refusal), 2..=4) = (verdict, number) {
            let error = refusal.error();
            let reason = error.detail().reason.unwrap();
            assert!(said.contains(&format!("`{reason}`")), "{said} {reason}");
        }
        assert_eq!(*verdict == Verdict::Rotate { rolled_back: true }, said.contains("rolled back"));
    }
    let last = rows.last().map(|(number, _)| *number).unwrap();
    assert!(!lines.iter().any(|line| line.starts_with(&format!("| {} | ", last + 1))));
}

#[test]
fn each_row_of_docs_protocol_names_the_tests_that_show_it() {
    let sources =
        concat!(include_str!("account_table.rs"), include_str!("../src/core/account/codec.rs"));
    let text = include_str!("../docs/protocol.md");
    for line in text.lines().filter(|line| line.split(" | ").count() == 5) {
        let named = line.rsplit(" | ").next().unwrap();
        for name in named.split('`').skip(1).step_by(2).filter(|name| name.contains('_')) {
            assert!(sources.contains(&format!("fn {name}()")), "{name}");
        }
    }
}
