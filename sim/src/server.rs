//! The server: instances whose clocks differ over one record that is changed by compare-and-set.

use std::collections::HashMap;
use std::rc::Rc;

use evertoken::core::account::answer::Answer;
use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::codec::RefreshToken;
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Ending, Limit, SignIn};
use evertoken::core::account::refusal::{Refusal, Wire};
use evertoken::core::account::session::{Access, Granted};

use crate::api::Minted;
use crate::dice::Dice;
use crate::instance::{Instance, deploy};
use crate::names::{name, session_of};
use crate::plan::Plan;
use crate::rivals::{Rivals, Scheme};

pub const GRACE: i64 = 30;
pub const HANDLE: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const CLIENT: &str = "web";
const ROUNDS: u8 = 8;
/// More than what a user leaves behind whose storage has no room for sessions.
const LIMIT: Limit = Limit { sessions: 200, evict: true };

/// A refresh as the server sees it.
#[derive(Clone, Debug)]
pub struct Refresh {
    pub token: String,
    pub attempt: Option<String>,
    pub instance: usize,
    pub round: u8,
}

/// What was read and decided, and is yet to be written.
pub struct Pending {
    version: u64,
    account: Account,
    verdict: Verdict,
}

/// What a refresh came to.
pub enum Reply {
    Tokens(String),
    Refused(u16, String),
    /// Something must be written first.
    Write(Box<Pending>),
    /// Somebody else has written meanwhile.
    Again,
}

/// What the decision was, for those who count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Rotated,
    RolledForward,
    Repeated,
    Believed,
    Superseded,
    Reuse,
    Refused(&'static str),
}

/// What the store holds.
#[derive(Clone, Default)]
pub struct Held {
    /// Never changed where a backup or an answer looks at it, so that neither needs a copy.
    pub account: Option<Rc<Account>>,
    pub rivals: Rivals,
    /// When each session was last written and is over, in seconds.
    pub ends: HashMap<usize, (i64, i64)>,
}

pub struct Server {
    pub scheme: Scheme,
    pub instances: Vec<Instance>,
    pub held: Held,
    pub version: u64,
    backup: Option<(Held, usize)>,
    pub life: i64,
    idle: i64,
    pub absolute: i64,
    /// For what happens to it alone.
    pub dice: Dice,
    /// All access tokens that were ever made, which are called after their places here.
    pub minted: Vec<Minted>,
    pub sessions: usize,
}

impl Server {
    pub fn new(plan: &Plan, skews: &[i64]) -> Self {
        Self {
            scheme: plan.scheme,
            instances: skews.iter().copied().map(Instance::new).collect(),
            held: Held { account: Some(Rc::new(Account::new("ada".into()))), ..Held::default() },
            version: 0,
            backup: None,
            life: plan.life,
            idle: plan.idle,
            absolute: plan.absolute,
            dice: Dice::new(plan.seed, 1),
            minted: Vec::new(),
            sessions: 0,
        }
    }

    /// Starts a session and gives its number and first token response.
    pub fn sign_in(&mut self, at: i64, instance: usize) -> (usize, String) {
        let now = self.instances[instance].clock(at);
        let session = self.sessions;
        self.sessions += 1;
        self.held.ends.insert(session, (seconds(at), seconds(at) + self.absolute));
        self.version += 1;
        if self.scheme != Scheme::Evertoken {
            let number = self.held.rivals.sign_in(session);
            return (session, self.rival_answer(session, number, at));
        }
        let permissions = self.held.account.as_ref().map_or(0, |account| account.permissions);
        let access = self.access(session, permissions, at, now);
        let mut grant = Granted::default();
        grant.claims = "{}".into();
        grant.proof.auth_time = now;
        let sign_in = SignIn {
            id: name(session),
            client: CLIENT.into(),
            grant,
            idle_ttl: self.idle,
            absolute_ttl: self.absolute,
            access,
        };
        let account = self.held.account.get_or_insert_with(|| Rc::new(Account::new("ada".into())));
        Rc::make_mut(account).sign_in(sign_in, LIMIT, now).expect("a session more");
        let account = account.clone();
        (session, self.answer(&account, &name(session), now, instance))
    }

    /// Ends a session for its user.
    pub fn revoke(&mut self, token: &str, at: i64) {
        let Some(session) = session_of(token) else { return };
        self.version += 1;
        self.held.rivals.end(session);
        if let Some(account) = &mut self.held.account {
            Rc::make_mut(account).end(&name(session), Ending::Revoked, seconds(at));
        }
    }

    /// Takes a refresh in; what it came to is seen once it is done.
    pub fn refresh(&mut self, refresh: &Refresh, at: i64) -> (Reply, Option<Seen>) {
        let now = self.instances[refresh.instance].clock(at);
        if self.scheme != Scheme::Evertoken {
            let (reply, seen) = self.rival_refresh(refresh, at);
            return (reply, Some(seen));
        }
        let secrets = &self.instances[refresh.instance].secrets;
        let parsed = RefreshToken::parse(&refresh.token)
            .and_then(|token| secrets.check(&token, CLIENT).map(|()| token));
        let token = match parsed {
            Ok(token) => token,
            Err(refusal) => return (refused(refusal), Some(Seen::Refused(word(refusal)))),
        };
        let entropy = random(&mut self.dice);
        let attempt = Attempt::new(token.session(), refresh.attempt.as_deref(), entropy)
            .expect("our clients make proper attempts");
        let ask = Ask { token: &token, client: CLIENT, attempt, cookie: false, grace: GRACE, now };
        let Some(account) = self.held.account.clone() else {
            return (refused(Refusal::Unknown), Some(Seen::Refused("unknown")));
        };
        let verdict = decide(&account, &ask);
        if !verdict.writes(&account, token.session()) {
            return self.say(&account, &verdict, token.session(), now, refresh.instance);
        }
        let mut account = Account::clone(&account);
        if let Verdict::Rotate { .. } = verdict {
            account.renew(token.session(), Default::default());
            let session = session_of(&refresh.token).unwrap_or(usize::MAX);
            let access = self.access(session, account.permissions, at, now);
            account.rotate(&ask, access);
        } else {
            account.settle(&verdict, &ask);
        }
        (Reply::Write(Box::new(Pending { version: self.version, account, verdict })), None)
    }

    /// Writes what was decided, unless somebody was faster.
    pub fn write(&mut self, pending: Pending, refresh: &Refresh, at: i64) -> (Reply, Option<Seen>) {
        if pending.version != self.version {
            if refresh.round + 1 >= ROUNDS {
                return (refused(Refusal::Contention), Some(Seen::Refused("contention")));
            }
            return (Reply::Again, None);
        }
        let now = self.instances[refresh.instance].clock(at);
        let session = session_of(&refresh.token).unwrap_or(usize::MAX);
        if let (Verdict::Rotate { .. }, Some(ends)) =
            (&pending.verdict, self.held.ends.get_mut(&session))
        {
            ends.0 = seconds(at);
        }
        self.version += 1;
        // Now and then through the form in which it is stored.
        let account = if self.version.is_multiple_of(16) {
            Account::read(&pending.account.write()).expect("what was written is read")
        } else {
            pending.account
        };
        let account = Rc::new(account);
        self.held.account = Some(account.clone());
        self.say(&account, &pending.verdict, &name(session), now, refresh.instance)
    }

    /// When a session was last renewed and when it is over, in seconds; without what clocks are off.
    pub fn ends(&self, session: usize) -> (i64, i64) {
        let (used, end) = self.held.ends.get(&session).copied().unwrap_or_default();
        ((used + self.idle).min(end), end)
    }

    pub fn back_up(&mut self) {
        self.backup = Some((self.held.clone(), self.sessions));
    }

    /// Goes back to the backup, unless somebody has signed in since: nothing could bring that back.
    pub fn restore(&mut self) -> bool {
        let Some((held, sessions)) = self.backup.clone() else { return false };
        if sessions != self.sessions {
            return false;
        }
        self.held = held;
        self.version += 1;
        true
    }

    /// What the user may do changes: older access tokens are of no use.
    pub fn bump(&mut self) {
        self.version += 1;
        if let Some(account) = &mut self.held.account {
            Rc::make_mut(account).bump_permissions();
        }
    }

    pub fn deploy(&mut self) {
        deploy(&mut self.instances);
    }

    fn say(
        &mut self,
        account: &Account,
        verdict: &Verdict,
        session: &str,
        now: i64,
        instance: usize,
    ) -> (Reply, Option<Seen>) {
        let seen = match verdict {
            Verdict::Rotate { rolled_back: false } => Seen::Rotated,
            Verdict::Rotate { rolled_back: true } => Seen::RolledForward,
            Verdict::Repeat => Seen::Repeated,
            Verdict::Believe(_) => Seen::Believed,
            Verdict::Superseded => Seen::Superseded,
            Verdict::Reuse => Seen::Reuse,
            Verdict::Refuse(refusal) => Seen::Refused(word(*refusal)),
            _ => unreachable!("a verdict that nobody has told us of"),
        };
        let reply = match verdict.refusal() {
            Some(refusal) => refused(refusal),
            None => Reply::Tokens(self.answer(account, session, now, instance)),
        };
        (reply, Some(seen))
    }

    fn answer(&self, account: &Account, id: &str, now: i64, instance: usize) -> String {
        let session = account.session(id).expect("tokens of a session that is there");
        let answer = Answer { issuer: "https://a", handle: HANDLE, account, session, now };
        let secrets = &self.instances[instance].secrets;
        let refresh_token = secrets.mint(HANDLE, id, session.generation, CLIENT);
        answer.token_response(&session.access.jti, Some(&refresh_token))
    }

    fn access(&mut self, session: usize, permissions: u64, at: i64, now: i64) -> Access {
        let session_end = self.held.ends.get(&session).map_or(i64::MAX, |(_, end)| end * 1_000);
        let end = (at + self.life * 1_000).min(session_end);
        let jti = self.mint(Minted { session, at, end, iat: now, permissions });
        let (exp, claims) = (now + self.life, "{}".into());
        Access { jti, iat: now, exp, claims, permissions, ..Access::default() }
    }
}

pub const fn seconds(at: i64) -> i64 {
    at / 1_000
}

fn random(dice: &mut Dice) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&dice.next().to_be_bytes());
    bytes[8..].copy_from_slice(&dice.next().to_be_bytes());
    bytes
}

fn refused(refusal: Refusal) -> Reply {
    let wire = Wire::of(&refusal.error()).expect("each refusal has a way out");
    let code = wire.code.map_or(String::new(), |code| format!(r#","code":"{code}""#));
    Reply::Refused(wire.status, format!(r#"{{"error":"{}"{code}}}"#, wire.error))
}

const fn word(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Invalid => "invalid",
        Refusal::Unknown => "unknown",
        Refusal::Idle => "idle",
        Refusal::Expired => "expired",
        Refusal::Revoked => "revoked",
        Refusal::Evicted => "evicted",
        Refusal::Reuse => "reuse",
        Refusal::Superseded => "superseded",
        _ => "later",
    }
}
