//! A client of two tabs, another device, a network, servers, a store and perhaps thieves, one step at a time.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::budget::{Budget, REFILL, UNITS};
use evertoken::core::account::codec::{RefreshToken, Secrets};
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Limit, SignIn};
use evertoken::core::account::refusal::Refusal;
use evertoken::core::account::session::{Access, Granted};
use evertoken::core::secret::Secret;

use super::actors::{Asked, Bounds, Holder, Loot, Message, Step, Stored};

const HANDLE: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const GRACE: i64 = 30;
const START: i64 = 1_000_000;
/// Within the grace, and past it; how far past makes no difference to any decision.
const JUMPS: [i64; 2] = [10, 40];
/// How far the clocks of servers are off (I27).
const SKEWS: [i64; 2] = [-30, 30];
/// How many messages may be under way at once.
const CROWD: usize = 2;

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
    /// What each holder has, in their order.
    stored: [Option<Stored>; 4],
    messages: Vec<Message>,
    serials: u16,
    /// The access token of each generation that was ever committed, by session.
    ledger: BTreeMap<(&'static str, u64), String>,
    /// Something that an operator sees has happened.
    alarm: bool,
    /// The client's refreshes, away from any other, since a thief first got tokens.
    calm_refreshes: Option<u8>,
    /// How often a stranger was believed at the budget's cost, and what there was to spend.
    believed: i64,
    units: i64,
}

thread_local! {
    static SECRETS: Secrets = Secrets::new(&[Secret::new(vec![7; 32])]).unwrap();
    // Hashing is most of the work of a search, and always of the same few tokens and attempts.
    static TOKENS: RefCell<HashMap<(&'static str, u64), RefreshToken>> = RefCell::default();
    static ATTEMPTS: RefCell<HashMap<(Option<u64>, u16), Attempt>> = RefCell::default();
}

fn token(session: &'static str, generation: u64) -> RefreshToken {
    let mint = || {
        let text = SECRETS.with(|secrets| secrets.mint(HANDLE, session, generation, "web"));
        RefreshToken::parse(&text).unwrap()
    };
    TOKENS
        .with_borrow_mut(|tokens| tokens.entry((session, generation)).or_insert_with(mint).clone())
}

fn attempt(asked: Asked) -> Attempt {
    let make = || {
        let text = asked.stored.attempt.map(|attempt| format!("{attempt:022}"));
        let mut entropy = [0; 16];
        entropy[..2].copy_from_slice(&asked.serial.to_be_bytes());
        Attempt::new("any", text.as_deref(), entropy).unwrap()
    };
    let key = (asked.stored.attempt, asked.serial);
    ATTEMPTS.with_borrow_mut(|attempts| *attempts.entry(key).or_insert_with(make))
}

impl World {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let mut account = Account::new("ada".into());
        let mut ledger = BTreeMap::new();
        let first = |holder: Holder| Stored {
            generation: 1,
            attempt: bounds.attempts.then_some(holder.attempt(1)),
        };
        let mut stored = [Some(first(Holder::Client)), None, None, None];
        if bounds.neighbour > 0 {
            stored[Holder::Neighbour as usize] = Some(first(Holder::Neighbour));
        }
        for holder in [Holder::Client, Holder::Neighbour] {
            if stored[holder as usize].is_some() {
                account.sign_in(sign_in(holder.session()), LIMIT, START).unwrap();
                ledger.insert((holder.session(), 1), "1".into());
            }
        }
        let units = i64::from(bounds.units);
        account.sessions[0].budget = Budget::full_at(START + (UNITS - units) * REFILL);
        Self {
            left: bounds,
            now: START,
            backup: account.clone(),
            account,
            version: 0,
            snapshots: BTreeMap::new(),
            restored: false,
            stored,
            messages: Vec::new(),
            serials: 0,
            ledger,
            alarm: false,
            calm_refreshes: None,
            believed: 0,
            units,
        }
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let left = &self.left;
        let room = self.messages.len() < CROWD;
        for holder in Holder::ALL {
            let sends = match holder {
                Holder::Client => left.sends,
                Holder::Neighbour => left.neighbour,
                Holder::Thief => left.thefts,
                Holder::Accomplice if left.accomplice => left.thefts,
                Holder::Accomplice => 0,
            };
            match self.stored[holder as usize] {
                Some(_) if sends > 0 && room => steps.push(Step::Send(holder)),
                None if sends > 0 && !holder.is_honest() => steps.push(Step::Steal(holder)),
                _ => {}
            }
        }
        if left.jumps > 0 {
            steps.extend(JUMPS.map(Step::Jump));
        }
        if left.refills > 0 {
            steps.push(Step::Refill);
        }
        if left.restores > 0 {
            steps.push(Step::Restore);
        }
        for (at, message) in self.messages.iter().enumerate() {
            steps.push(Step::Move(at));
            let is_request = matches!(message, Message::Request(_));
            let is_reading = matches!(message, Message::Reading { .. });
            let is_honest = message.holder().is_honest();
            if left.skews > 0 && is_request {
                steps.extend(SKEWS.map(|skew| Step::MoveTo(at, skew)));
            }
            if left.losses > 0 && is_honest && !is_reading {
                steps.push(Step::Lose(at));
            }
            if left.duplicates > 0 && room && is_honest && is_request {
                steps.push(Step::Duplicate(at));
            }
            if left.lost_commits > 0 && is_reading {
                steps.push(Step::LoseCommit(at));
            }
        }
        steps
    }

    pub(crate) fn take(&mut self, step: &Step) {
        match *step {
            Step::Send(from) => self.send(from),
            Step::Steal(by) => {
                self.left.thefts -= 1;
                let loot = self.stored[Holder::Client as usize].unwrap();
                let copied = loot.attempt.filter(|_| self.left.loot == Loot::Storage);
                let attempt = copied.or_else(|| self.thiefs_attempt(by, loot.generation));
                self.stored[by as usize] = Some(Stored { attempt, ..loot });
            }
            Step::Jump(seconds) => {
                self.left.jumps -= 1;
                self.now += seconds;
            }
            Step::Refill => {
                self.left.refills -= 1;
                self.now += REFILL;
            }
            Step::Lose(at) => {
                self.left.losses -= 1;
                self.messages.remove(at);
            }
            Step::Duplicate(at) => {
                self.left.duplicates -= 1;
                self.messages.push(self.messages[at].clone());
            }
            Step::Move(at) => self.advance(at, 0, false),
            Step::MoveTo(at, skew) => {
                self.left.skews -= 1;
                self.advance(at, skew, false);
            }
            Step::LoseCommit(at) => {
                self.left.lost_commits -= 1;
                self.advance(at, 0, true);
            }
            Step::Restore => {
                self.left.restores -= 1;
                self.restored = true;
                self.account = self.backup.clone();
                self.version += 1;
            }
        }
        self.tidy();
        for holder in [Holder::Client, Holder::Neighbour] {
            if self.stored[holder as usize].is_some() && self.is_safe(holder) {
                assert!(self.is_signed_in(holder), "{holder:?} was signed out: {self:?}");
            }
        }
    }

    /// Whether nothing was ever stolen from it.
    fn is_safe(&self, holder: Holder) -> bool {
        let stolen =
            self.stored[Holder::Thief as usize].or(self.stored[Holder::Accomplice as usize]);
        holder == Holder::Neighbour || holder == Holder::Client && stolen.is_none()
    }

    /// Whether a refresh with what is stored, now, would give tokens.
    pub(crate) fn is_signed_in(&self, holder: Holder) -> bool {
        let Some(stored) = self.stored[holder as usize] else { return false };
        let token = token(holder.session(), stored.generation);
        let asked = Asked { from: holder, stored, serial: u16::MAX };
        decide(&self.account, &ask(&token, asked, self.now)).refusal().is_none()
    }

    fn send(&mut self, from: Holder) {
        let left = match from {
            Holder::Client => &mut self.left.sends,
            Holder::Neighbour => &mut self.left.neighbour,
            Holder::Thief | Holder::Accomplice => &mut self.left.thefts,
        };
        *left -= 1;
        let stored = self.stored[from as usize].unwrap();
        // Requests with an attempt are all alike.
        let serial = if stored.attempt.is_some() { 0 } else { self.serials };
        self.serials += u16::from(stored.attempt.is_none());
        self.messages.push(Message::Request(Asked { from, stored, serial }));
    }

    fn advance(&mut self, at: usize, skew: i64, commit_is_lost: bool) {
        match self.messages.remove(at) {
            Message::Request(asked) => {
                let (read, account) = (self.version, self.account.clone());
                let session = asked.from.session();
                let token = token(session, asked.stored.generation);
                let verdict = decide(&account, &ask(&token, asked, self.now + skew));
                if verdict.writes(&account, session) {
                    self.snapshots.insert(read, account);
                    self.messages.push(Message::Reading { asked, read, skew });
                } else {
                    // Nothing to write: the read is the moment that counts.
                    self.perform(asked, read, skew, account, false);
                }
            }
            Message::Reading { asked, read, skew } => {
                let account = self.snapshots[&read].clone();
                self.perform(asked, read, skew, account, commit_is_lost);
            }
            Message::Answer { to, asked, successor } => self.hear(to, asked, successor),
        }
    }

    /// What the issuer does between its read and its answer.
    fn perform(
        &mut self,
        asked: Asked,
        read: u32,
        skew: i64,
        mut account: Account,
        commit_is_lost: bool,
    ) {
        let session = asked.from.session();
        let token = token(session, asked.stored.generation);
        let ask = ask(&token, asked, self.now + skew);
        let before = account.session(session).cloned();
        let calm = before.as_ref().is_some_and(|before| self.now - before.rotated_at > GRACE + 5);
        let verdict = decide(&account, &ask);
        if verdict.writes(&account, session) {
            match &verdict {
                Verdict::Rotate { .. } => {
                    account.rotate(&ask, access(&self.version.to_string(), self.now));
                }
                other => account.settle(other, &ask),
            }
            if read != self.version {
                self.messages.push(Message::Request(asked));
                return;
            }
            if let (Verdict::Believe(_), Some(before)) = (&verdict, before) {
                self.count_belief(ask.attempt.absent && before.absent_counted);
            }
            self.commit(&verdict, session, account.clone());
            if commit_is_lost {
                self.messages.push(Message::Request(asked));
                return;
            }
        }
        self.judge(asked.from, &verdict, calm);
        let successor = match verdict.refusal() {
            Some(refusal) => Err(name(refusal)),
            None => Ok(self.check_answer(&account, asked)),
        };
        let asked_with = asked.stored.generation;
        self.messages.push(Message::Answer { to: asked.from, asked: asked_with, successor });
    }

    /// Strangers are believed no more often than the budget and what came back of it allow, and
    /// those without attempt cost one unit for each generation.
    fn count_belief(&mut self, counted_already: bool) {
        assert!(!counted_already, "absent counts twice: {self:?}");
        self.believed += 1;
        // What a backup brings back is the price of restoring one.
        let most = self.units + (self.now - START) / REFILL;
        assert!(self.restored || self.believed <= most, "believed too often: {self:?}");
    }

    fn commit(&mut self, verdict: &Verdict, name: &'static str, account: Account) {
        if let (Verdict::Rotate { .. }, Some(session)) = (verdict, account.session(name)) {
            let key = (name, session.generation);
            let before = self.ledger.insert(key, session.access.jti.clone());
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
    fn check_answer(&self, account: &Account, asked: Asked) -> u64 {
        let name = asked.from.session();
        let session = account.session(name).expect("tokens of an ended session");
        let next = asked.stored.generation + 1;
        assert_eq!(session.generation, next, "the chain forked: {self:?}");
        if !self.restored {
            let committed = self.ledger.get(&(name, session.generation));
            assert_eq!(committed, Some(&session.access.jti), "a repeat minted: {self:?}");
        }
        session.generation
    }

    /// Watches as an operator would, and counts how long a thief stays unseen.
    fn judge(&mut self, from: Holder, verdict: &Verdict, calm: bool) {
        if self.is_safe(from) {
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
            (Holder::Client, Some(refreshes)) => {
                // A repeat of a lost one is no other refresh.
                let counts = calm && matches!(verdict, Verdict::Rotate { .. });
                self.calm_refreshes = Some(refreshes.saturating_add(u8::from(counts)));
            }
            (Holder::Client, None) => {}
            (_, Some(refreshes)) => {
                assert!(refreshes < 3 || self.alarm, "a thief goes unseen: {self:?}");
            }
            (_, None) => self.calm_refreshes = Some(0),
        }
    }

    fn hear(&mut self, to: Holder, asked: u64, successor: Result<u64, &'static str>) {
        let held = self.stored[to as usize].map_or(0, |stored| stored.generation);
        match successor {
            // The fence: only what is newer is stored, and with it a fresh attempt.
            Ok(generation) if generation > held => {
                let attempt = match to.is_honest() {
                    true => self.left.attempts.then_some(to.attempt(generation)),
                    false => self.thiefs_attempt(to, generation),
                };
                self.stored[to as usize] = Some(Stored { generation, attempt });
            }
            Err(why) if self.is_safe(to) => {
                let adopted = why == "superseded" && held > asked;
                assert!(adopted, "an honest client was refused ({why}): {self:?}");
            }
            _ => {}
        }
    }

    fn thiefs_attempt(&self, thief: Holder, generation: u64) -> Option<u64> {
        self.left.thieves_attempts.then_some(thief.attempt(generation))
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

const LIMIT: Limit = Limit { sessions: 20, evict: true };

fn sign_in(session: &str) -> SignIn {
    let mut grant = Granted::default();
    grant.claims = "{}".into();
    grant.proof.auth_time = START;
    SignIn {
        id: session.into(),
        client: "web".into(),
        grant,
        idle_ttl: 10_000 * 86_400,
        absolute_ttl: 100_000 * 86_400,
        access: access("1", START),
    }
}

fn ask(token: &RefreshToken, asked: Asked, now: i64) -> Ask<'_> {
    let attempt = attempt(asked);
    Ask { token, client: "web", attempt, cookie: false, grace: GRACE, now }
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
