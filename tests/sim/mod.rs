//! Clients on a virtual clock: tabs over one storage, a server that rotates, a network that fails.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(unreachable_pub, reason = "it is a module of several test files")]

use std::collections::BTreeMap;

use evertoken::core::error::Error;
use evertoken::core::session::{
    Answer, Caller, Entropy, Event, Input, Item, Machine, Now, Output, Settings, Stamp, Status,
};

pub const LIFE: f64 = 300.0;

/// What becomes of one refresh.
#[derive(Clone, Debug)]
pub enum Fault {
    None,
    /// The server does what it is asked, and nobody hears of it.
    AnswerLost,
    /// The request fails before the server sees it.
    Unreachable,
    /// The server answers something else and does nothing.
    Status(u16, &'static str, Option<f64>),
    /// The answer takes so many milliseconds.
    Slow(f64),
}

/// What a caller got.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    Token(String, Stamp),
    Nobody,
    HandedOn,
    Done,
    Refused(Error),
}

/// Rotates as the issuer does: one live generation, the same successor for the same attempt.
#[derive(Debug)]
pub struct Server {
    pub generation: u64,
    attempt: Option<String>,
    /// Whether the same attempt is given the same answer again.
    pub repeats: bool,
    pub ended: bool,
    pub reused: bool,
    pub faults: Vec<Fault>,
    pub revoked: Vec<String>,
    /// Hears of revocations and never answers.
    pub deaf: bool,
    /// What its clock says, and when it ends the session, where it tells.
    pub at: f64,
    pub session_ends_at: Option<f64>,
    /// When each refresh arrived and with which attempt.
    pub posts: Vec<(f64, Option<String>)>,
}

impl Server {
    pub fn tokens(&self) -> String {
        let left = self.session_ends_at.map_or_else(String::new, |end| {
            format!(r#","session_expires_in":{}"#, ((end - self.at) / 1e3).floor())
        });
        format!(
            r#"{{"access_token":"a{0}","token_type":"Bearer","expires_in":{LIFE},"refresh_token":"r{0}"{left}}}"#,
            self.generation
        )
    }

    fn refresh(&mut self, token: &str, attempt: Option<String>) -> Result<String, &'static str> {
        let generation: u64 = token[1..].parse().unwrap();
        if self.ended {
            return Err("revoked");
        }
        if generation == self.generation {
            self.generation += 1;
            self.attempt = attempt;
        } else if generation + 1 != self.generation
            || !self.repeats
            || attempt.is_none()
            || attempt != self.attempt
        {
            self.ended = true;
            self.reused = true;
            return Err("reuse");
        }
        Ok(self.tokens())
    }
}

pub struct Tab {
    pub machine: Machine,
    pub got: BTreeMap<u32, Vec<Got>>,
    pub events: Vec<&'static str>,
    /// The refresh that was sent and neither answered nor given up.
    flying: Option<u32>,
    pub wake_at: Option<f64>,
    pub open: bool,
    /// Nothing reaches it and none of its timers fires.
    pub frozen: bool,
}

struct Letter {
    at: f64,
    tab: usize,
    flight: u32,
    answer: Answer,
}

/// What one tab hears of another's writing.
struct Word {
    tab: usize,
    pointer: Option<String>,
}

/// A tab that waits for its turn to refresh.
struct Turn {
    until: f64,
    tab: usize,
    read: u32,
}

pub struct World {
    pub at: f64,
    /// What tabs are opened with.
    pub settings: Settings,
    /// How far the hosts' wall clocks are off, in milliseconds.
    pub skew: f64,
    /// Whether tabs hear of each other's writes, and whether they take turns.
    pub talk: bool,
    pub turns: bool,
    holder: Option<usize>,
    waiting: Vec<Turn>,
    words: Vec<Word>,
    /// For how long of it the monotonic clock stood still.
    slept: f64,
    pub server: Server,
    pub storage: Vec<Item>,
    pub tabs: Vec<Tab>,
    letters: Vec<Letter>,
    callers: u32,
    entropy: u8,
    /// The event at which the application gives the client up.
    last_event: &'static str,
    /// When the access token of each generation is over, counted from when it was first answered.
    pub ends: BTreeMap<u64, f64>,
}

impl World {
    pub fn new(faults: &[Fault]) -> Self {
        let server = Server {
            generation: 0,
            attempt: None,
            repeats: true,
            ended: false,
            reused: false,
            faults: faults.iter().rev().cloned().collect(),
            revoked: Vec::new(),
            deaf: false,
            at: 0.0,
            session_ends_at: None,
            posts: Vec::new(),
        };
        Self {
            at: 0.0,
            settings: Settings::default(),
            skew: 0.0,
            talk: false,
            turns: false,
            holder: None,
            waiting: Vec::new(),
            words: Vec::new(),
            slept: 0.0,
            server,
            storage: Vec::new(),
            tabs: Vec::new(),
            letters: Vec::new(),
            callers: 0,
            entropy: 0,
            last_event: "",
            ends: BTreeMap::new(),
        }
    }

    /// One tab, signed in at the time 0.
    pub fn signed_in(faults: &[Fault]) -> Self {
        let mut world = Self::new(faults);
        let tab = world.open();
        world.sign_in(tab);
        world
    }

    pub fn open(&mut self) -> usize {
        let mut settings = self.settings.clone();
        settings.seed = u32::try_from(self.tabs.len()).unwrap() + 7;
        settings.origins.push(String::from("https://api.example"));
        let machine = Machine::new(settings);
        let (got, events) = (BTreeMap::new(), Vec::new());
        self.tabs.push(Tab {
            machine,
            got,
            events,
            flying: None,
            wake_at: None,
            open: true,
            frozen: false,
        });
        let tab = self.tabs.len() - 1;
        self.feed(tab, Input::Start);
        tab
    }

    /// The tab is gone, and with it every answer on its way to it.
    /// Sets the device's clock by so many milliseconds, which every tab that runs sees at once.
    pub fn set_clock(&mut self, by: f64) {
        self.skew += by;
        for tab in 0..self.tabs.len() {
            if !self.tabs[tab].frozen {
                self.feed(tab, Input::Wake);
            }
        }
    }

    pub fn kill(&mut self, tab: usize) {
        self.tabs[tab].open = false;
        self.letters.retain(|letter| letter.tab != tab);
        self.waiting.retain(|turn| turn.tab != tab);
        self.holder = self.holder.filter(|holder| *holder != tab);
    }

    pub fn sign_in(&mut self, tab: usize) {
        self.server.ended = false;
        self.server.at = self.at;
        self.ends.insert(self.server.generation, self.at + LIFE * 1e3);
        self.sign_in_with(tab, self.server.tokens());
    }

    /// Signs in with this token response, whatever it says.
    pub fn sign_in_with(&mut self, tab: usize, json: String) {
        let entropy = self.entropy();
        self.call(tab, |caller| Input::Tokens { caller, json, entropy });
    }

    /// Hands tokens in as they are.
    pub fn set_tokens(&mut self, tab: usize, json: &str) {
        let entropy = self.entropy();
        let json = json.to_owned();
        self.call(tab, |caller| Input::Tokens { caller, json, entropy });
    }

    /// The client is disposed of as soon as it tells of `event`.
    pub const fn give_up_at(&mut self, event: &'static str) {
        self.last_event = event;
    }

    pub fn sign_out(&mut self, tab: usize) -> u32 {
        self.call(tab, |caller| Input::SignOut { caller, revoke: true })
    }

    pub fn ask(&mut self, tab: usize, force: bool) -> u32 {
        self.call(tab, |caller| Input::Ask { caller, min_validity: 0.0, force })
    }

    pub fn unauthorized(&mut self, tab: usize, used: Stamp) -> u32 {
        self.call(tab, |caller| Input::Unauthorized { caller, used, challenge: None })
    }

    /// What a caller got; each is settled once.
    pub fn got(&self, tab: usize, caller: u32) -> Option<Got> {
        let got = self.tabs[tab].got.get(&caller)?;
        assert_eq!(got.len(), 1, "caller {caller} was settled {} times", got.len());
        got.first().cloned()
    }

    pub fn token(&self, tab: usize, caller: u32) -> (String, Stamp) {
        match self.got(tab, caller) {
            Some(Got::Token(token, stamp)) => (token, stamp),
            other => panic!("no token but {other:?}"),
        }
    }

    pub fn status(&self, tab: usize) -> Status {
        self.tabs[tab].machine.snapshot().status
    }

    pub fn posts(&self) -> usize {
        self.server.posts.len()
    }

    /// Lets so many seconds pass, with everything that happens in them.
    pub fn pass(&mut self, seconds: f64) {
        let until = self.at + seconds * 1e3;
        for _ in 0..100_000 {
            let live = |tab: &usize| self.tabs[*tab].open && !self.tabs[*tab].frozen;
            let letters = self.letters.iter().filter(|letter| live(&letter.tab));
            let wakes = (0..self.tabs.len()).filter(live).filter_map(|tab| self.tabs[tab].wake_at);
            let words = self.words.iter().filter(|word| live(&word.tab)).map(|_| self.at);
            let turns = self.waiting.iter().filter(|turn| live(&turn.tab));
            let turns = turns.map(|turn| if self.holder.is_none() { self.at } else { turn.until });
            let next = letters.map(|letter| letter.at).chain(wakes).chain(words).chain(turns);
            let next = next.reduce(f64::min).filter(|next| *next <= until);
            let Some(next) = next else {
                self.at = until;
                return;
            };
            self.at = self.at.max(next);
            self.happen();
        }
        panic!("time stands still: something is due again and again");
    }

    /// Lets time pass while every tab sleeps.
    pub fn sleep(&mut self, seconds: f64) {
        self.at += seconds * 1e3;
        self.slept += seconds * 1e3;
    }

    pub fn feed(&mut self, tab: usize, input: Input) {
        if !self.tabs[tab].open {
            return;
        }
        let now = self.now();
        self.tabs[tab].machine.handle_input(input, now);
        loop {
            let output = self.tabs[tab].machine.poll_output();
            if let Output::Wait(delay) = output {
                if self.holder == Some(tab) && self.tabs[tab].flying.is_none() {
                    self.holder = None;
                }
                self.tabs[tab].wake_at = delay.map(|delay| self.at + delay.ceil());
                return;
            }
            self.perform(tab, output);
        }
    }

    fn happen(&mut self) {
        let frozen: Vec<_> = self.tabs.iter().map(|tab| tab.frozen || !tab.open).collect();
        if let Some(position) = self.words.iter().position(|word| !frozen[word.tab]) {
            let Word { tab, pointer } = self.words.remove(position);
            return self.feed(tab, pointer.map_or(Input::StorageChanged, Input::Said));
        }
        let free = self.holder.is_none();
        let may = |turn: &Turn| !frozen[turn.tab] && (free || turn.until <= self.at);
        if let Some(position) = self.waiting.iter().position(may) {
            let Turn { tab, read, .. } = self.waiting.remove(position);
            self.holder = self.holder.or(Some(tab));
            let items = self.storage.clone();
            return self.feed(tab, Input::Stored { read, items });
        }
        let due = |letter: &Letter| letter.at <= self.at && !frozen[letter.tab];
        if let Some(position) = self.letters.iter().position(due) {
            let Letter { tab, flight, answer, .. } = self.letters.remove(position);
            if self.tabs[tab].flying == Some(flight) {
                self.tabs[tab].flying = None;
            }
            let entropy = self.entropy();
            return self.feed(tab, Input::Answered { flight, answer, entropy });
        }
        for (tab, _) in frozen.iter().enumerate().filter(|(_, frozen)| !**frozen) {
            if self.tabs[tab].wake_at.is_some_and(|due| due <= self.at) {
                self.feed(tab, Input::Wake);
            }
        }
    }

    fn perform(&mut self, tab: usize, output: Output) {
        let now = self.now();
        match output {
            Output::Read { read, in_turn: true } if self.turns => {
                self.waiting.push(Turn { until: self.at + 5_000.0, tab, read });
            }
            Output::Read { read, .. } => {
                let items = self.storage.clone();
                self.tabs[tab].machine.handle_input(Input::Stored { read, items }, now);
            }
            Output::Write { set, remove } => {
                let pointer = set.iter().find(|item| !item.key.contains(':'));
                let pointer = pointer.map(|item| item.value.clone());
                let others = (0..self.tabs.len()).filter(|other| self.talk && *other != tab);
                self.words.extend(others.map(|tab| Word { tab, pointer: pointer.clone() }));
                for item in set {
                    self.storage.retain(|old| old.key != item.key);
                    self.storage.push(item);
                }
                self.storage.retain(|item| !remove.contains(&item.key));
            }
            Output::Send { flight, refresh_token, attempt } => {
                // Where a cookie holds it, the browser sends the newest.
                let newest = || format!("r{}", self.server.generation);
                let token = refresh_token.map_or_else(newest, |it| it.expose().to_owned());
                self.post(tab, flight, &token, attempt);
            }
            Output::Revoke { token, caller } => {
                self.server
                    .revoked
                    .push(token.map_or_else(String::new, |it| it.expose().to_owned()));
                self.server.ended = true;
                if self.server.deaf {
                    return;
                }
                let input = Input::Revoked { caller, accepted: true };
                self.tabs[tab].machine.handle_input(input, now);
            }
            Output::Grant { caller, token } => {
                let got = token.map_or(Got::Nobody, |(token, stamp)| {
                    Got::Token(token.expose().to_owned(), stamp)
                });
                self.settle(tab, caller, got);
            }
            Output::HandOn { caller } => self.settle(tab, caller, Got::HandedOn),
            Output::Done { caller } => self.settle(tab, caller, Got::Done),
            Output::Refuse { caller, error } => self.settle(tab, caller, Got::Refused(error)),
            Output::Abort { flight } => {
                self.tabs[tab].flying = None;
                self.letters.retain(|letter| letter.tab != tab || letter.flight != flight);
            }
            Output::Event(event) => {
                if matches!(event, Event::SignedIn | Event::SessionChanged | Event::Ended { .. }) {
                    self.tabs[tab].flying = None;
                }
                if let Event::Ended { reason } = &event {
                    self.tabs[tab].events.push(reason.as_str());
                }
                self.tabs[tab].events.push(event.name());
                if event.name() == self.last_event {
                    self.tabs[tab].machine.handle_input(Input::Dispose, now);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, tab: usize, caller: Caller, got: Got) {
        if let Got::Token(token, _) = &got {
            let generation: u64 = token[1..].parse().unwrap();
            assert!(self.at < self.ends[&generation], "{token} was handed out after its end");
        }
        self.tabs[tab].got.entry(caller.0).or_default().push(got);
    }

    fn post(&mut self, tab: usize, flight: u32, token: &str, attempt: Option<String>) {
        let flying = self.tabs[tab].flying.replace(flight);
        assert_eq!(flying, None, "two refreshes at once in one tab");
        self.server.posts.push((self.at, attempt.clone()));
        let fault = self.server.faults.pop().unwrap_or(Fault::None);
        let mut delay = 100.0;
        let answer = match fault {
            Fault::Unreachable => Answer::Unreachable,
            Fault::Status(status, body, retry_after) => {
                Answer::Http { status, retry_after, body: body.to_owned() }
            }
            Fault::None | Fault::AnswerLost | Fault::Slow(_) => {
                if let Fault::Slow(slow) = fault {
                    delay = slow;
                }
                self.server.at = self.at;
                match self.server.refresh(token, attempt) {
                    Ok(body) => {
                        let generation = self.server.generation;
                        // The server counts from when it made it, however long the answer takes.
                        self.ends.insert(generation, self.at + LIFE * 1e3);
                        Answer::Http { status: 200, retry_after: None, body }
                    }
                    Err(code) => {
                        let body = format!(r#"{{"error":"invalid_grant","code":"{code}"}}"#);
                        Answer::Http { status: 400, retry_after: None, body }
                    }
                }
            }
        };
        let answer = match fault {
            Fault::AnswerLost => Answer::Unreachable,
            _ => answer,
        };
        self.letters.push(Letter { at: self.at + delay, tab, flight, answer });
    }

    fn call(&mut self, tab: usize, input: impl FnOnce(Caller) -> Input) -> u32 {
        self.callers += 1;
        let caller = self.callers;
        self.feed(tab, input(Caller(caller)));
        caller
    }

    fn entropy(&mut self) -> Entropy {
        self.entropy = self.entropy.wrapping_add(1);
        Entropy([self.entropy; 32])
    }

    pub fn now(&self) -> Now {
        Now { wall: 1e12 + self.at + self.skew, monotonic: self.at - self.slept }
    }
}
