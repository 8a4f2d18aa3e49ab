//! A tab: performs what the client's state machine asks for, as the shell in a page does.

use evertoken::core::session::{
    Caller, Event as Told, Input, Item, Machine, Output, Settings, Status,
};

use crate::api::Asking;
use crate::plan::{DAY, Fault, HOUR, MINUTE};
use crate::storage::{Own, named};
use crate::world::{Event, Word, World};

pub struct Tab {
    pub device: usize,
    /// Counts its reloads, so that what was on its way to an earlier page is dropped.
    pub life: u32,
    loaded_at: i64,
    /// Since when it runs without a break.
    pub moved_at: i64,
    pub open: bool,
    pub frozen: bool,
    pub hidden: bool,
    pub machine: Machine,
    /// The timer that counts, and when it is due.
    timer: u32,
    due: Option<i64>,
    /// What it is told once it moves again.
    inbox: Vec<Word>,
    /// What the device's storage did not take.
    own: Option<Own>,
    /// Whether that is a new session.
    unstored: bool,
    flights: Vec<u32>,
    pub changed: bool,
    pub callers: u32,
    pub asking: Vec<Asking>,
    /// The session that it has.
    pub held: Option<usize>,
}

impl Tab {
    pub fn new(device: usize) -> Self {
        Self {
            device,
            life: 0,
            loaded_at: 0,
            moved_at: 0,
            open: false,
            frozen: false,
            hidden: false,
            machine: Machine::new(Settings::default()),
            timer: 0,
            due: None,
            inbox: Vec::new(),
            own: None,
            unstored: false,
            flights: Vec::new(),
            changed: false,
            callers: 0,
            asking: Vec::new(),
            held: None,
        }
    }

    /// Whether its session is stored nowhere else.
    pub fn is_apart(&self) -> bool {
        self.open && self.own.as_ref().is_some_and(Own::is_apart)
    }

    /// Whether storage did not take what it got last.
    pub fn goes_on_alone(&self) -> bool {
        self.open && self.own.as_ref().is_some_and(Own::keeps)
    }

    pub fn status(&self) -> Status {
        self.machine.snapshot().status
    }
}

impl World {
    /// Loads the page.
    pub fn open(&mut self, tab: usize) {
        self.close(tab);
        let device = self.tabs[tab].device;
        let mut settings = Settings::default();
        settings.seed = self.devices[device].dice.next() as u32;
        settings.can_refresh = !self.plan.one_token;
        settings.can_revoke = !self.plan.one_token;
        settings.idle_timeout = self.plan.idle_timeout.map(|it| it as f64 / 1_000.0);
        let life = self.tabs[tab].life + 1;
        let timer = self.tabs[tab].timer + 1;
        let machine = Machine::new(settings);
        let (loaded_at, moved_at) = (self.at, self.at);
        let new = Tab::new(device);
        self.tabs[tab] = Tab { life, timer, loaded_at, moved_at, open: true, machine, ..new };
        self.say(|| format!("device {device} tab {tab}: loaded"));
        self.tabs[tab].held = self.devices[device].session;
        // What it reads may be from before its clock was set back, and nobody has put that right yet.
        self.devices[device].overlook();
        self.feed(tab, Input::Start);
    }

    /// The page is gone.
    pub fn close(&mut self, tab: usize) {
        if self.tabs[tab].open {
            self.leave_queue(tab);
            self.leave_turn(tab);
            self.tabs[tab].open = false;
            self.tabs[tab].life += 1;
        }
    }

    /// Whether nothing runs in it.
    pub fn stands_still(&self, tab: usize) -> bool {
        self.tabs[tab].frozen || self.devices[self.tabs[tab].device].asleep_since.is_some()
    }

    /// Tells a tab something, now or when it moves again.
    pub fn tell(&mut self, tab: usize, life: u32, word: Word) {
        if !self.tabs[tab].open || self.tabs[tab].life != life {
            return;
        }
        if self.stands_still(tab) {
            return self.tabs[tab].inbox.push(word);
        }
        match word {
            Word::Input(input) => {
                if let Input::Answered { flight, .. } = &input {
                    self.tabs[tab].flights.retain(|it| it != flight);
                }
                self.feed(tab, input);
            }
            Word::Turn { read } => self.look(tab, read),
            Word::Refused(request) => self.refused(request),
            Word::Passed { used, token } => self.passed(tab, used, token),
        }
    }

    /// A tab moves again: what it missed comes first, then its timers.
    pub fn move_on(&mut self, tab: usize) {
        if !self.tabs[tab].open || self.stands_still(tab) {
            return;
        }
        self.tabs[tab].moved_at = self.at;
        let life = self.tabs[tab].life;
        let device = self.tabs[tab].device;
        if self.tabs[tab].due.is_some_and(|due| due <= self.at)
            && self.devices[device].dice.chance(0.5)
        {
            self.feed(tab, Input::Wake);
        }
        for word in std::mem::take(&mut self.tabs[tab].inbox) {
            self.tell(tab, life, word);
        }
        self.feed(tab, Input::StorageChanged);
    }

    pub fn wake(&mut self, tab: usize, timer: u32) {
        if self.tabs[tab].timer == timer && self.tabs[tab].open && !self.stands_still(tab) {
            self.feed(tab, Input::Wake);
        }
    }

    /// Whether one of its tabs has a session that is stored nowhere else.
    pub fn is_apart(&self, device: usize) -> bool {
        self.devices[device].tabs.iter().any(|tab| self.tabs[*tab].is_apart())
    }

    pub fn caller(&mut self, tab: usize) -> Caller {
        self.tabs[tab].callers += 1;
        Caller(self.tabs[tab].callers)
    }

    pub fn feed(&mut self, tab: usize, input: Input) {
        self.input(tab, input);
        loop {
            match self.tabs[tab].machine.poll_output() {
                Output::Wait(delay) => return self.wait(tab, delay),
                output => self.perform(tab, output),
            }
        }
    }

    /// Answers a read.
    pub fn look(&mut self, tab: usize, read: u32) {
        let it = &self.tabs[tab];
        let theirs = &self.devices[it.device].storage;
        let items = it.own.as_ref().map_or_else(|| theirs.items.clone(), |own| own.read(theirs));
        self.feed(tab, Input::Stored { read, items });
    }

    fn input(&mut self, tab: usize, input: Input) {
        let device = &mut self.devices[self.tabs[tab].device];
        device.seen_by(self.tabs[tab].loaded_at, self.at);
        let now = device.now(self.at);
        self.tabs[tab].machine.handle_input(input, now);
    }

    fn wait(&mut self, tab: usize, delay: Option<f64>) {
        if self.tabs[tab].flights.is_empty() {
            self.end_turn(tab);
        }
        let hidden = self.tabs[tab].hidden;
        let it = &mut self.tabs[tab];
        let mut due = delay.map(|delay| self.at + delay.ceil() as i64);
        if hidden {
            // Browsers let timers of hidden pages fire once a minute.
            due = due.map(|due| (due + MINUTE - 1) / MINUTE * MINUTE);
        }
        if due == it.due && due.is_some_and(|due| due > self.at) {
            return;
        }
        it.timer += 1;
        it.due = due;
        let timer = it.timer;
        if let Some(due) = due {
            self.after(due - self.at, Event::Wake { tab, timer });
        }
    }

    fn perform(&mut self, tab: usize, output: Output) {
        match output {
            Output::Read { read, in_turn } => {
                if in_turn {
                    self.take_turn(tab, read);
                } else {
                    self.look(tab, read);
                }
            }
            Output::Write { set, remove } => self.store(tab, &set, &remove),
            Output::Detach => self.tabs[tab].own = Some(Own::new(self.tabs[tab].unstored)),
            Output::Send { flight, refresh_token, attempt } => {
                self.tabs[tab].flights.push(flight);
                let token = refresh_token.expect("sessions here have refresh tokens");
                self.post(tab, flight, token.expose(), attempt);
            }
            Output::Abort { flight } => self.tabs[tab].flights.retain(|it| *it != flight),
            Output::Revoke { token, caller } => {
                let token = token.expect("sessions here have refresh tokens").expose().to_owned();
                let life = self.tabs[tab].life;
                let device = self.tabs[tab].device;
                if !self.fails(device, Fault::RequestLost, 0.02) {
                    let delay = self.devices[device].dice.between(10, 200);
                    self.after(delay, Event::Revoke { tab, life, caller, token });
                }
            }
            Output::Grant { caller, token: Some((token, stamp)) } => {
                self.settle(tab, caller, Some((token.expose(), stamp)));
            }
            Output::Grant { caller, .. }
            | Output::HandOn { caller }
            | Output::Refuse { caller, .. } => self.settle(tab, caller, None),
            Output::Event(Told::SignedIn | Told::SessionChanged) => {
                self.tabs[tab].held = self.devices[self.tabs[tab].device].session;
            }
            Output::Event(Told::Ended { reason }) => self.ended(tab, reason),
            _ => {}
        }
    }

    fn store(&mut self, tab: usize, set: &[Item], remove: &[String]) {
        let device = self.tabs[tab].device;
        self.fill_up(device);
        let theirs = &self.devices[device].storage;
        if let Some(own) = &mut self.tabs[tab].own {
            if let Some(all) = own.write(theirs, set, remove)
                && self.devices[device].store(&all, remove, self.at).is_ok()
            {
                own.forget(&all);
                let apart = self.is_apart(device);
                if let Some(session) = self.devices[device].session {
                    self.sessions[session].unstored &= apart || self.plan.one_token;
                }
            }
        } else if self.devices[device].store(set, remove, self.at).is_err() {
            self.say(|| format!("device {device} tab {tab}: storage takes nothing"));
            self.tabs[tab].unstored = named(set).is_some();
            if let Some(session) = self.devices[device].session {
                // A token that has no room is lost with the page, and there is nothing else to spare.
                self.sessions[session].unstored |= self.plan.one_token;
            }
            return self.input(tab, Input::StorageFailed);
        }
        self.tabs[tab].changed = true;
        let pointer = named(set).map(String::from);
        for other in self.devices[device].tabs.clone() {
            if other != tab && self.tabs[other].open {
                let said = pointer.clone().map_or(Input::StorageChanged, Input::Said);
                let delay = self.devices[device].dice.between(1, 30);
                let life = self.tabs[other].life;
                let word = Word::Input(said);
                self.after(delay, Event::Word { tab: other, life, word });
            }
        }
    }

    /// Another part of the application fills storage, and again what is freed there, until there is room some day.
    fn fill_up(&mut self, device: usize) {
        if self.fails(device, Fault::StorageFull, 0.001) {
            let dice = self.dice_of(device, Fault::StorageFull);
            let mean = dice.pick(&[1, MINUTE, HOUR, DAY]);
            let (span, free) = (dice.span(mean), dice.below(600));
            self.say(|| format!("device {device}: storage is full for {} s", span / 1_000));
            self.devices[device].full_until = self.at + span;
            self.devices[device].storage.free = Some(free);
        } else if self.at > self.devices[device].full_until {
            self.devices[device].storage.free = None;
        } else if let Some(free) = self.devices[device].storage.free {
            let greed = self.dice_of(device, Fault::StorageFull).below(free + 1);
            self.devices[device].storage.free = Some(free - greed);
        }
    }
}
