//! A tab: performs what the client's state machine asks for, as the shell in a page does.

use evertoken::core::session::{
    Caller, Event as Told, Input, Item, Machine, Output, Settings, Status,
};

use crate::plan::{Fault, MINUTE};
use crate::world::{Event, Word, World};

const KEY: &str = "evertoken";

pub struct Tab {
    pub device: usize,
    /// Counts its reloads, so that what was on its way to an earlier page is dropped.
    pub life: u32,
    pub open: bool,
    pub frozen: bool,
    pub hidden: bool,
    pub machine: Machine,
    /// The timer that counts, and when it is due.
    timer: u32,
    due: Option<i64>,
    /// What it is told once it moves again.
    inbox: Vec<Word>,
    /// Its own storage, where the device's refuses.
    memory: Option<Vec<Item>>,
    flights: Vec<u32>,
    pub changed: bool,
    pub callers: u32,
    /// Who asked for a token to send with a request.
    asking: Vec<u32>,
    /// The session that it has.
    pub held: Option<usize>,
}

impl Tab {
    pub fn new(device: usize) -> Self {
        Self {
            device,
            life: 0,
            open: false,
            frozen: false,
            hidden: false,
            machine: Machine::new(Settings::default()),
            timer: 0,
            due: None,
            inbox: Vec::new(),
            memory: None,
            flights: Vec::new(),
            changed: false,
            callers: 0,
            asking: Vec::new(),
            held: None,
        }
    }

    /// Whether it has to do without the device's storage.
    pub const fn is_alone(&self) -> bool {
        self.open && self.memory.is_some()
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
        let life = self.tabs[tab].life + 1;
        let timer = self.tabs[tab].timer + 1;
        let machine = Machine::new(settings);
        self.tabs[tab] = Tab { life, timer, open: true, machine, ..Tab::new(device) };
        self.say(|| format!("device {device} tab {tab}: loaded"));
        self.feed(tab, Input::Start);
        self.tabs[tab].held = self.devices[device].session;
    }

    /// The page is gone.
    pub fn close(&mut self, tab: usize) {
        if self.tabs[tab].open {
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
        }
    }

    /// A tab moves again: what it missed comes first, then its timers.
    pub fn move_on(&mut self, tab: usize) {
        if !self.tabs[tab].open || self.stands_still(tab) {
            return;
        }
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

    /// Something wants an access token, to send it with a request.
    pub fn ask(&mut self, tab: usize) {
        self.tabs[tab].callers += 1;
        let caller = self.tabs[tab].callers;
        self.tabs[tab].asking.push(caller);
        self.feed(tab, Input::Ask { caller: Caller(caller), min_validity: 0.0, force: false });
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
        let items = it.memory.as_ref().unwrap_or(&self.devices[it.device].storage).clone();
        self.feed(tab, Input::Stored { read, items });
    }

    fn input(&mut self, tab: usize, input: Input) {
        let now = self.devices[self.tabs[tab].device].now(self.at);
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
                if in_turn && self.tabs[tab].memory.is_none() {
                    self.take_turn(tab, read);
                } else {
                    self.look(tab, read);
                }
            }
            Output::Write { set, remove } => self.store(tab, set, &remove),
            Output::Detach => self.tabs[tab].memory = Some(Vec::new()),
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
            Output::Grant { caller, token } => self.granted(tab, caller, token.as_ref()),
            Output::Refuse { caller, .. } => self.tabs[tab].asking.retain(|it| *it != caller.0),
            Output::Event(Told::SignedIn | Told::SessionChanged) => {
                self.tabs[tab].held = self.devices[self.tabs[tab].device].session;
            }
            Output::Event(Told::Ended { reason }) => self.ended(tab, reason),
            _ => {}
        }
    }

    fn granted(
        &mut self,
        tab: usize,
        caller: Caller,
        token: Option<&(evertoken::core::session::Token, evertoken::core::session::Stamp)>,
    ) {
        let asking = &mut self.tabs[tab].asking;
        let Some(position) = asking.iter().position(|it| *it == caller.0) else { return };
        asking.swap_remove(position);
        if let Some((token, _)) = token {
            let token = token.expose().to_owned();
            let delay = self.devices[self.tabs[tab].device].dice.between(5, 60);
            self.after(delay, Event::Api { tab, token });
        }
    }

    fn store(&mut self, tab: usize, set: Vec<Item>, remove: &[String]) {
        if let Some(memory) = &mut self.tabs[tab].memory {
            memory
                .retain(|old| !remove.contains(&old.key) && set.iter().all(|it| it.key != old.key));
            return memory.extend(set);
        }
        let device = self.tabs[tab].device;
        if !set.is_empty() && self.fails(device, Fault::StorageFull, 0.0005) {
            if self.dice_of(device, Fault::StorageFull).chance(0.5) {
                self.devices[device].store(Vec::new(), remove);
            }
            // What it holds now goes on in this page alone: storage is behind from here on.
            if let Some(session) = self.devices[device].session {
                self.sessions[session].refused_writes = true;
            }
            return self.input(tab, Input::StorageFailed);
        }
        self.tabs[tab].changed = true;
        let pointer = set.iter().find(|item| item.key == KEY).map(|item| item.value.clone());
        self.devices[device].store(set, remove);
        for other in self.devices[device].tabs.clone() {
            if other != tab && self.tabs[other].open && self.tabs[other].memory.is_none() {
                let said = pointer.clone().map_or(Input::StorageChanged, Input::Said);
                let delay = self.devices[device].dice.between(1, 30);
                let life = self.tabs[other].life;
                let word = Word::Input(said);
                self.after(delay, Event::Word { tab: other, life, word });
            }
        }
    }
}
