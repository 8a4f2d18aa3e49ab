//! A client of two tabs, a network, an issuer and perhaps a thief, one step at a time.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::codec::{RefreshToken, Secrets};
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Limit, SignIn};
use evertoken::core::account::refusal::Refusal;
use evertoken::core::account::session::{Access, Granted};
use evertoken::core::secret::Secret;

const HANDLE: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const SESSION: &str = "AAAAAAAAAAAAAAAA";
const GRACE: i64 = 30;
const START: i64 = 1_000_000;
/// Within the grace, and past it; how far past makes no difference to any decision.
const JUMPS: [i64; 2] = [10, 40];
/// How many messages may be under way at once.
const CROWD: usize = 2;

/// What may still happen, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Bounds {
    pub(crate) sends: u16,
    pub(crate) losses: u16,
    pub(crate) duplicates: u16,
    /// Writes that succeed and are reported as lost.
    pub(crate) lost_commits: u16,
    pub(crate) restores: u16,
    pub(crate) jumps: u16,
    /// What the thief may do: the theft itself and each use of the loot.
    pub(crate) thefts: u16,
    pub(crate) loot: Loot,
    /// Whether the client sends attempts.
    pub(crate) attempts: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Loot {
    Token,
    Storage,
}

impl Bounds {
    pub(crate) const NONE: Self = Self {
        sends: 0,
        losses: 0,
        duplicates: 0,
        lost_commits: 0,
        restores: 0,
        jumps: 0,
        thefts: 0,
        loot: Loot::Token,
        attempts: true,
    };
    pub(crate) const ENDLESS: Self = Self {
        sends: u16::MAX,
        losses: u16::MAX,
        duplicates: u16::MAX,
        lost_commits: u16::MAX,
        restores: 2,
        jumps: u16::MAX,
        ..Self::NONE
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Holder {
    Client,
    Thief,
}

/// A refresh token and the attempt that was stored with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Stored {
    generation: u64,
    attempt: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Message {
    /// On its way to the issuer; `serial` tells requests without attempt apart.
    Request { from: Holder, stored: Stored, serial: u16 },
    /// The issuer has read version `read` and not written yet.
    Reading { from: Holder, stored: Stored, serial: u16, read: u32 },
    /// On its way back: the successor's generation, or why there is none.
    Answer { to: Holder, asked: u64, successor: Result<u64, &'static str> },
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Holder),
    Steal,
    Jump(i64),
    Lose(usize),
    Duplicate(usize),
    /// A request is read, a reading is decided and written, an answer is taken in.
    Move(usize),
    /// As `Move` of a reading, and the store's answer to the write is lost.
    LoseCommit(usize),
    Restore,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    left: Bounds,
    now: i64,
    account: Account,
    version: u32,
    /// What each reading in progress saw.
    snapshots: BTreeMap<u32, Account>,
    backup: Account,
    restored: bool,
    client: Stored,
    thief: Option<Stored>,
    messages: Vec<Message>,
    serials: u16,
    /// The access token of each generation that was ever committed.
    ledger: BTreeMap<u64, String>,
    /// Something that an operator sees has happened.
    alarm: bool,
    /// The client's refreshes, away from any other, since the thief first got tokens.
    calm_refreshes: Option<u8>,
}

thread_local! {
    static SECRETS: Secrets = Secrets::new(&[Secret::new(vec![7; 32])]).unwrap();
    // Hashing is most of the work of a search, and always of the same few tokens and attempts.
    static TOKENS: RefCell<HashMap<u64, RefreshToken>> = RefCell::default();
    static ATTEMPTS: RefCell<HashMap<(Option<u64>, u16), Attempt>> = RefCell::default();
}

fn token(generation: u64) -> RefreshToken {
    let mint = || {
        let text = SECRETS.with(|secrets| secrets.mint(HANDLE, SESSION, generation, "web"));
        RefreshToken::parse(&text).unwrap()
    };
    TOKENS.with_borrow_mut(|tokens| tokens.entry(generation).or_insert_with(mint).clone())
}

fn attempt(stored: Stored, serial: u16) -> Attempt {
    let make = || {
        let text = stored.attempt.map(|attempt| format!("{attempt:022}"));
        let mut entropy = [0; 16];
        entropy[..2].copy_from_slice(&serial.to_be_bytes());
        Attempt::new(SESSION, text.as_deref(), entropy).unwrap()
    };
    ATTEMPTS
        .with_borrow_mut(|attempts| *attempts.entry((stored.attempt, serial)).or_insert_with(make))
}

impl World {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let mut account = Account::new("ada".into());
        let mut grant = Granted::default();
        grant.claims = "{}".into();
        grant.proof.auth_time = START;
        let sign_in = SignIn {
            id: SESSION.into(),
            client: "web".into(),
            grant,
            idle_ttl: 10_000 * 86_400,
            absolute_ttl: 100_000 * 86_400,
            access: access("1", START),
        };
        account.sign_in(sign_in, Limit { sessions: 20, evict: true }, START).unwrap();
        Self {
            left: bounds,
            now: START,
            backup: account.clone(),
            account,
            version: 0,
            snapshots: BTreeMap::new(),
            restored: false,
            client: Stored { generation: 1, attempt: bounds.attempts.then_some(1) },
            thief: None,
            messages: Vec::new(),
            serials: 0,
            ledger: BTreeMap::from([(1, "1".into())]),
            alarm: false,
            calm_refreshes: None,
        }
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let room = self.messages.len() < CROWD;
        if room && self.left.sends > 0 {
            steps.push(Step::Send(Holder::Client));
        }
        if self.left.thefts > 0 {
            match self.thief {
                None => steps.push(Step::Steal),
                Some(_) if room => steps.push(Step::Send(Holder::Thief)),
                Some(_) => {}
            }
        }
        if self.left.jumps > 0 {
            steps.extend(JUMPS.map(Step::Jump));
        }
        if self.left.restores > 0 {
            steps.push(Step::Restore);
        }
        for (at, message) in self.messages.iter().enumerate() {
            steps.push(Step::Move(at));
            let client_asks = matches!(message, Message::Request { from: Holder::Client, .. });
            let client_hears = matches!(message, Message::Answer { to: Holder::Client, .. });
            if self.left.losses > 0 && (client_asks || client_hears) {
                steps.push(Step::Lose(at));
            }
            if self.left.duplicates > 0 && room && client_asks {
                steps.push(Step::Duplicate(at));
            }
            if self.left.lost_commits > 0 && matches!(message, Message::Reading { .. }) {
                steps.push(Step::LoseCommit(at));
            }
        }
        steps
    }

    pub(crate) fn take(&mut self, step: &Step) {
        match *step {
            Step::Send(from) => self.send(from),
            Step::Steal => {
                self.left.thefts -= 1;
                let attempt = self.client.attempt.filter(|_| self.left.loot == Loot::Storage);
                let own = thiefs_attempt(self.client.generation);
                let attempt = Some(attempt.unwrap_or(own));
                self.thief = Some(Stored { attempt, ..self.client });
            }
            Step::Jump(seconds) => {
                self.left.jumps -= 1;
                self.now += seconds;
            }
            Step::Lose(at) => {
                self.left.losses -= 1;
                self.messages.remove(at);
            }
            Step::Duplicate(at) => {
                self.left.duplicates -= 1;
                self.messages.push(self.messages[at].clone());
            }
            Step::Move(at) => self.advance(at, false),
            Step::LoseCommit(at) => {
                self.left.lost_commits -= 1;
                self.advance(at, true);
            }
            Step::Restore => {
                self.left.restores -= 1;
                self.restored = true;
                self.account = self.backup.clone();
                self.version += 1;
            }
        }
        self.tidy();
        if self.thief.is_none() {
            assert!(self.is_signed_in(Holder::Client), "an honest client was signed out: {self:?}");
        }
    }

    /// Whether a refresh with what is stored, now, would give tokens.
    pub(crate) fn is_signed_in(&self, holder: Holder) -> bool {
        let stored = if holder == Holder::Client { Some(self.client) } else { self.thief };
        let Some(stored) = stored else { return false };
        let token = token(stored.generation);
        let verdict = decide(&self.account, &self.ask(&token, stored, u16::MAX));
        verdict.refusal().is_none()
    }

    fn send(&mut self, from: Holder) {
        let stored = match from {
            Holder::Client => {
                self.left.sends -= 1;
                self.client
            }
            Holder::Thief => {
                self.left.thefts -= 1;
                self.thief.unwrap()
            }
        };
        // Requests with an attempt are all alike.
        let serial = if stored.attempt.is_some() { 0 } else { self.serials };
        self.serials += u16::from(stored.attempt.is_none());
        self.messages.push(Message::Request { from, stored, serial });
    }

    fn advance(&mut self, at: usize, commit_is_lost: bool) {
        match self.messages.remove(at) {
            Message::Request { from, stored, serial } => {
                let (read, account) = (self.version, self.account.clone());
                let token = token(stored.generation);
                let verdict = decide(&account, &self.ask(&token, stored, serial));
                if verdict.writes(&account, SESSION) {
                    self.snapshots.insert(read, account);
                    self.messages.push(Message::Reading { from, stored, serial, read });
                } else {
                    // Nothing to write: the read is the moment that counts.
                    self.perform(from, stored, serial, read, account, false);
                }
            }
            Message::Reading { from, stored, serial, read } => {
                let account = self.snapshots[&read].clone();
                self.perform(from, stored, serial, read, account, commit_is_lost);
            }
            Message::Answer { to, asked, successor } => self.hear(to, asked, successor),
        }
    }

    /// What the issuer does between its read and its answer.
    fn perform(
        &mut self,
        from: Holder,
        stored: Stored,
        serial: u16,
        read: u32,
        mut account: Account,
        commit_is_lost: bool,
    ) {
        let token = token(stored.generation);
        let ask = self.ask(&token, stored, serial);
        let calm = account
            .session(SESSION)
            .is_some_and(|session| self.now - session.rotated_at > GRACE + 5);
        let verdict = decide(&account, &ask);
        if verdict.writes(&account, SESSION) {
            match &verdict {
                Verdict::Rotate { .. } => {
                    account.rotate(&ask, access(&self.version.to_string(), self.now));
                }
                other => account.settle(other, &ask),
            }
            if read != self.version {
                self.messages.push(Message::Request { from, stored, serial });
                return;
            }
            self.commit(&verdict, account.clone());
            if commit_is_lost {
                self.messages.push(Message::Request { from, stored, serial });
                return;
            }
        }
        self.judge(from, &verdict, calm);
        let successor = match verdict.refusal() {
            Some(refusal) => Err(name(refusal)),
            None => Ok(self.check_answer(&account, stored)),
        };
        self.messages.push(Message::Answer { to: from, asked: stored.generation, successor });
    }

    fn commit(&mut self, verdict: &Verdict, account: Account) {
        if let (Verdict::Rotate { .. }, Some(session)) = (verdict, account.session(SESSION)) {
            let before = self.ledger.insert(session.generation, session.access.jti.clone());
            assert!(before.is_none() || self.restored, "a generation was made twice: {self:?}");
        }
        if self.left.restores > 0 && self.version == 1 {
            // The backup is from some time in between, neither the first state nor the last.
            self.backup = account.clone();
        }
        self.account = account;
        self.version += 1;
    }

    /// Tokens come from the record, are one generation on, and are the same for everybody.
    fn check_answer(&self, account: &Account, stored: Stored) -> u64 {
        let session = account.session(SESSION).expect("tokens of an ended session");
        assert_eq!(session.generation, stored.generation + 1, "the chain forked: {self:?}");
        if !self.restored {
            let committed = self.ledger.get(&session.generation);
            assert_eq!(committed, Some(&session.access.jti), "a repeat minted: {self:?}");
        }
        session.generation
    }

    /// Watches as an operator would, and counts how long a thief stays unseen.
    fn judge(&mut self, from: Holder, verdict: &Verdict, calm: bool) {
        if self.thief.is_none() {
            assert!(
                !matches!(verdict, Verdict::Reuse),
                "an honest client was taken for a thief: {self:?}"
            );
            return;
        }
        if matches!(verdict, Verdict::Believe(_) | Verdict::Superseded | Verdict::Reuse) {
            self.alarm = true;
        }
        if verdict.refusal().is_some() {
            return;
        }
        match (from, self.calm_refreshes) {
            (Holder::Thief, Some(refreshes)) => {
                assert!(refreshes < 3 || self.alarm, "a thief goes unseen: {self:?}");
            }
            (Holder::Thief, None) => self.calm_refreshes = Some(0),
            (Holder::Client, Some(refreshes)) if calm => {
                self.calm_refreshes = Some(refreshes.saturating_add(1));
            }
            (Holder::Client, _) => {}
        }
    }

    fn hear(&mut self, to: Holder, asked: u64, successor: Result<u64, &'static str>) {
        let attempts = self.left.attempts;
        match (to, successor) {
            // The fence: only what is newer is stored, and with it a fresh attempt.
            (Holder::Client, Ok(generation)) if generation > self.client.generation => {
                self.client = Stored { generation, attempt: attempts.then_some(generation) };
            }
            (Holder::Client, Err(why)) if self.thief.is_none() => {
                let adopted = why == "superseded" && self.client.generation > asked;
                assert!(adopted, "an honest client was refused ({why}): {self:?}");
            }
            (Holder::Thief, Ok(generation)) => {
                let newer = self.thief.is_none_or(|thief| generation > thief.generation);
                if newer {
                    self.thief =
                        Some(Stored { generation, attempt: Some(thiefs_attempt(generation)) });
                }
            }
            _ => {}
        }
    }

    fn ask<'a>(&self, token: &'a RefreshToken, stored: Stored, serial: u16) -> Ask<'a> {
        let attempt = attempt(stored, serial);
        Ask { token, client: "web", attempt, cookie: false, grace: GRACE, now: self.now }
    }

    /// Makes states that differ in nothing that matters equal.
    fn tidy(&mut self) {
        self.messages.sort();
        let messages = &self.messages;
        self.snapshots.retain(|version, _| {
            messages
                .iter()
                .any(|message| matches!(message, Message::Reading { read, .. } if read == version))
        });
    }
}

/// Random, so never one of the client's.
const fn thiefs_attempt(generation: u64) -> u64 {
    1_000 + generation
}

fn access(jti: &str, now: i64) -> Access {
    Access { jti: jti.into(), iat: now, exp: now + 300, claims: "{}".into(), ..Access::default() }
}

const fn name(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Superseded => "superseded",
        Refusal::Reuse => "reuse",
        _ => "over",
    }
}
