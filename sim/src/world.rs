//! One world: what is in it, and what happens in it, one event after the other.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use evertoken::core::session::{Answer, Input, Stamp};

use crate::api::Request;
use crate::device::Device;
use crate::dice::Dice;
use crate::plan::{Fault, HOUR, MINUTE, Plan};
use crate::server::{Pending, Refresh, Server};
use crate::tab::Tab;
use crate::tally::{Session, Tally};
use crate::thief::Thief;

/// What happens to the server and not to a device.
pub const SERVER: usize = usize::MAX;

/// Who sent a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Tab {
        tab: usize,
        life: u32,
        flight: u32,
    },
    Thief(usize),
    /// A network that delivers twice.
    Echo,
}

/// What a tab is told, when it comes to it.
pub enum Word {
    Input(Input),
    /// It is this tab's turn to refresh, or it has waited for long enough.
    Turn {
        read: u32,
    },
    /// An answer to a request of its brings a renewed access token along.
    Passed {
        used: Stamp,
        token: String,
    },
    /// A request of its was answered 401.
    Refused(Request),
}

pub enum Event {
    Wake {
        tab: usize,
        timer: u32,
    },
    Word {
        tab: usize,
        life: u32,
        word: Word,
    },
    /// A refresh arrives.
    Request {
        from: Sender,
        refresh: Refresh,
    },
    /// What was read is written.
    Write {
        from: Sender,
        refresh: Refresh,
        pending: Box<Pending>,
    },
    Revoke {
        tab: usize,
        life: u32,
        caller: Option<evertoken::core::session::Caller>,
        token: String,
    },
    /// Somebody has waited for its turn for long enough.
    Patience {
        tab: usize,
        life: u32,
        read: u32,
    },
    /// A turn to refresh is over.
    TurnOver {
        device: usize,
        turn: u32,
    },
    /// A request with an access token arrives at an API.
    Api(Request),
    /// A device's user does the next thing, unless plans have changed.
    User {
        device: usize,
        plan: u32,
    },
    /// A device's user comes back, unless plans have changed.
    Return {
        device: usize,
        plan: u32,
    },
    Thaw {
        tab: usize,
        life: u32,
    },
    /// A thief tries again.
    Thief(usize),
    BackUp,
    Restore,
    Deploy,
    Bump,
}

/// When an event is due; of those at one time the first comes first.
struct Due {
    at: i64,
    number: u64,
    event: Event,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

pub struct World {
    pub plan: Plan,
    pub at: i64,
    pub server: Server,
    pub devices: Vec<Device>,
    pub tabs: Vec<Tab>,
    pub sessions: Vec<Session>,
    pub thieves: Vec<Thief>,
    backed_up_at: i64,
    pub tally: Tally,
    /// By place and kind, and how often each was asked: what goes wrong is the same whatever else does.
    faults: Vec<[(Dice, u32); Fault::ALL.len()]>,
    /// What happened, where somebody wants to read it.
    pub history: Option<Vec<String>>,
    events: BinaryHeap<Due>,
    counted: u64,
}

impl World {
    pub fn new(plan: Plan, with_history: bool) -> Self {
        let mut faults: Vec<_> = (0..=plan.devices as u64)
            .map(|place| {
                Fault::ALL.map(|it| (Dice::new(plan.seed, (place + 1) * 100 + it as u64), 0))
            })
            .collect();
        let clocks = &mut faults[plan.devices][Fault::ServerClocks as usize].0;
        let differ = plan.faults.contains(&Fault::ServerClocks);
        let most = clocks.pick(&[1, 5, 30]);
        let skews: Vec<_> =
            (0..3).map(|_| clocks.between(-most, most + 1) * i64::from(differ)).collect();
        let mut world = Self {
            server: Server::new(&plan, &skews),
            at: 0,
            devices: Vec::new(),
            tabs: Vec::new(),
            sessions: Vec::new(),
            thieves: Vec::new(),
            backed_up_at: 0,
            tally: Tally::default(),
            faults,
            history: with_history.then(Vec::new),
            events: BinaryHeap::new(),
            counted: 0,
            plan,
        };
        world.say(|| format!("the clocks of the server's instances are off by {skews:?} s"));
        for device in 0..world.plan.devices {
            let device = Device::new(&mut world, device);
            world.devices.push(device);
        }
        for device in 0..world.plan.devices {
            let after = world.devices[device].dice.between(7 * HOUR, 12 * HOUR);
            if world.plan.idle_devices.contains(&device) {
                continue;
            }
            world.after(after, Event::Return { device, plan: 0 });
        }
        let operators =
            [(Event::BackUp, 3), (Event::Restore, 200), (Event::Deploy, 40), (Event::Bump, 6)];
        for (event, hours) in operators {
            let after = world.server.dice.span(hours * HOUR);
            world.after(after, event);
        }
        world
    }

    /// Lets all of its time pass, or as much of it as there is until something must not be.
    pub fn run(mut self) -> Self {
        let end = self.plan.days * crate::plan::DAY;
        while let Some(Due { at, event, .. }) = self.events.pop() {
            if at > end || self.tally.failure.is_some() {
                break;
            }
            self.at = at;
            self.happen(event);
        }
        self.close_books();
        self
    }

    pub fn after(&mut self, delay: i64, event: Event) {
        self.counted += 1;
        let (at, number) = (self.at + delay.max(0), self.counted);
        self.events.push(Due { at, number, event });
    }

    /// Whether something goes wrong here and now that does so with this probability.
    pub fn fails(&mut self, place: usize, fault: Fault, probability: f64) -> bool {
        let place = place.min(self.plan.devices);
        let (dice, asked) = &mut self.faults[place][fault as usize];
        *asked += 1;
        let which = (place, fault, *asked);
        let hit = dice.chance(probability)
            && self.plan.faults.contains(&fault)
            && self.at >= self.plan.calm_until
            && !self.plan.spared.contains(&which);
        if hit {
            self.tally.faults.push(which);
            let server = place == self.plan.devices;
            let place = if server { "server".into() } else { format!("device {place}") };
            self.say(|| format!("{place}: fault: {fault:?}"));
        }
        hit
    }

    /// The dice of one kind of fault, for how bad it is.
    pub fn dice_of(&mut self, place: usize, fault: Fault) -> &mut Dice {
        let place = place.min(self.plan.devices);
        &mut self.faults[place][fault as usize].0
    }

    pub fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(history) = &mut self.history {
            history.push(format!("{}  {}", crate::history::instant(self.at), line()));
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Wake { tab, timer } => self.wake(tab, timer),
            Event::Word { tab, life, word } => self.tell(tab, life, word),
            Event::Request { from, refresh } => self.request(from, refresh),
            Event::Write { from, refresh, pending } => self.write(from, refresh, *pending),
            Event::Revoke { tab, life, caller, token } => {
                self.server.revoke(&token, self.at);
                if let Some(session) = crate::names::session_of(&token) {
                    self.say(|| format!("server: session {session} is revoked"));
                    if let Some(session) = self.sessions.get_mut(session) {
                        session.revoked = true;
                    }
                }
                let word = Word::Input(Input::Revoked { caller, accepted: true });
                self.after(50, Event::Word { tab, life, word });
            }
            Event::Patience { tab, life, read } => self.lose_patience(tab, life, read),
            Event::TurnOver { device, turn } => self.turn_over(device, turn),
            Event::Api(request) => self.used(request),
            Event::User { device, plan } if self.devices[device].plans == plan => {
                self.user(device);
            }
            Event::Return { device, plan } if self.devices[device].plans == plan => {
                self.come_back(device);
            }
            Event::User { .. } | Event::Return { .. } => {}
            Event::Thaw { tab, life } => self.thaw(tab, life),
            Event::Thief(thief) => self.thief(thief),
            Event::BackUp => {
                self.server.back_up();
                self.backed_up_at = self.at;
                let after = self.server.dice.span(12 * HOUR);
                self.after(after, Event::BackUp);
            }
            Event::Restore => {
                if self.fails(SERVER, Fault::Restore, 0.5) && self.server.restore() {
                    self.say(|| "the store goes back to its backup".into());
                    self.tally.restores += 1;
                    self.forget_refreshes(self.backed_up_at);
                    // Nobody keeps a backup that is older than the last accident.
                    self.server.back_up();
                }
                let after = self.server.dice.span(200 * HOUR);
                self.after(after, Event::Restore);
            }
            Event::Bump => {
                if self.fails(SERVER, Fault::Bump, 0.5) {
                    self.server.bump();
                }
                let after = self.server.dice.span(6 * HOUR);
                self.after(after, Event::Bump);
            }
            Event::Deploy => {
                if self.fails(SERVER, Fault::Deploy, 0.9) {
                    self.server.deploy();
                    let life = self.plan.life;
                    self.server.life = self.server.dice.pick(&[life, life, life / 2, life * 2]);
                }
                let after = MINUTE + self.server.dice.span(40 * HOUR);
                self.after(after, Event::Deploy);
            }
        }
    }

    /// An answer finds its way to whoever waits for it.
    pub fn deliver(&mut self, from: Sender, delay: i64, answer: Answer) {
        match from {
            Sender::Tab { tab, life, flight } => {
                let entropy = self.entropy(self.tabs[tab].device);
                let word = Word::Input(Input::Answered { flight, answer, entropy });
                self.after(delay, Event::Word { tab, life, word });
            }
            Sender::Thief(thief) => self.thief_hears(thief, &answer),
            Sender::Echo => {}
        }
    }

    pub fn entropy(&mut self, device: usize) -> evertoken::core::session::Entropy {
        let mut bytes = [0; 32];
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&self.devices[device].dice.next().to_be_bytes());
        }
        evertoken::core::session::Entropy(bytes)
    }
}
