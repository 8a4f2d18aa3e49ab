//! A device: clocks that may be wrong, storage that may forget, and turns that its tabs take.

use std::collections::VecDeque;

use evertoken::core::session::{Item, Now};

use crate::dice::Dice;
use crate::names::number_of;
use crate::plan::{Fault, HOUR, MINUTE, SECOND};
use crate::storage::{KEY, Refused, Storage};
use crate::world::{Event, World};

/// How many states of its storage a loss of power can go back to.
const STATES: usize = 3;
/// What ends the key of a note of when a session was last used.
const NOTE: &str = ":used";
/// Within what time a browser has written everything to its disk.
const FLUSHED: i64 = MINUTE;
/// How long a turn lasts after a write, as other processes see it late.
const LINGER: i64 = 100;

pub struct Device {
    /// For what its user and its network do.
    pub dice: Dice,
    pub tabs: Vec<usize>,
    /// What is to be added to the true time to get what its clock says.
    pub off_by: i64,
    /// When its clock was set back, where no page has seen that yet, and where none can any more.
    set_back_at: Option<i64>,
    unseen_at: Option<i64>,
    /// When it was set back and a page saw it, and when that was.
    noted: Option<(i64, i64)>,
    /// When it was set forward, and by how much.
    set_forward: Vec<(i64, i64)>,
    /// When it last jumped at all.
    pub jumped_at: Option<i64>,
    /// When its storage last went back.
    pub cut_at: Option<i64>,
    /// For how long its monotonic clock stood still.
    slept: i64,
    clock_stops: bool,
    pub has_locks: bool,
    pub storage: Storage,
    /// Until when it is full.
    pub full_until: i64,
    /// Earlier states of its storage within one sign-in, with the generation of each.
    states: VecDeque<(Vec<Item>, u64)>,
    generation: u64,
    /// What it was told of the last use, and when.
    notes: VecDeque<(i64, Item)>,
    /// The highest generation that was sent.
    last_sent: u64,
    pub asleep_since: Option<i64>,
    pub awake_since: i64,
    pub offline_until: i64,
    /// Whose turn it is: which tab in which of its lives.
    turn: Option<(usize, u32)>,
    turns: u32,
    lingers: bool,
    waiting: VecDeque<(usize, u32, u32)>,
    /// The session that its user believes to have.
    pub session: Option<usize>,
    pub working_until: i64,
    /// Counts what its user plans, so that an old plan is dropped.
    pub plans: u32,
}

impl Device {
    pub fn new(world: &mut World, number: usize) -> Self {
        let off_by = if world.fails(number, Fault::DeviceClock, 0.3) {
            world.dice_of(number, Fault::DeviceClock).between(-12 * HOUR, 12 * HOUR)
        } else {
            0
        };
        let (clock_stops, has_locks) = (
            world.fails(number, Fault::ClockStops, 0.5),
            !world.fails(number, Fault::NoLocks, 0.25),
        );
        world.say(|| {
            format!(
                "device {number}: clock off by {} min, {}, {}",
                off_by / 60_000,
                if has_locks { "locks" } else { "no locks" },
                if clock_stops { "a monotonic clock that sleeps" } else { "a monotonic clock" },
            )
        });
        Self {
            dice: Dice::new(world.plan.seed, 10 + number as u64),
            tabs: Vec::new(),
            off_by,
            set_back_at: None,
            unseen_at: None,
            noted: None,
            set_forward: Vec::new(),
            jumped_at: None,
            cut_at: None,
            slept: 0,
            clock_stops,
            has_locks,
            storage: Storage::default(),
            full_until: 0,
            states: VecDeque::new(),
            generation: 0,
            notes: VecDeque::new(),
            last_sent: 0,
            asleep_since: None,
            awake_since: 0,
            offline_until: 0,
            turn: None,
            turns: 0,
            lingers: false,
            waiting: VecDeque::new(),
            session: None,
            working_until: 0,
            plans: 0,
        }
    }

    pub fn now(&self, at: i64) -> Now {
        Now { wall: 1.7e12 + (at + self.off_by) as f64, monotonic: (at - self.slept) as f64 }
    }

    pub fn wake_up(&mut self, at: i64) {
        if let Some(since) = self.asleep_since.take()
            && self.clock_stops
        {
            self.slept += at - since;
            // Whoever looks now sees that a sleep was short, and not that a clock was set back before or during it.
            self.overlook();
        }
    }

    /// Nobody who looks at the clocks from now on can see that one of them was set back.
    pub fn overlook(&mut self) {
        self.unseen_at = self.set_back_at.take().or(self.unseen_at);
    }

    /// A page that was loaded then looks at both clocks.
    pub fn seen_by(&mut self, loaded_at: i64, at: i64) {
        if let Some(back) = self.set_back_at.take_if(|back| loaded_at < *back) {
            self.noted = Some((back, at));
        }
    }

    /// Whether its clock was set back since then and nobody saw it, or nobody has stored yet that they did.
    pub fn was_set_back_since(&self, since: i64, at: i64) -> bool {
        let noted = self.noted.filter(|(_, seen_at)| at - seen_at < SECOND);
        let back = self.set_back_at.max(self.unseen_at).max(noted.map(|(back, _)| back));
        back.is_some_and(|back| back >= since)
    }

    /// By how much its clock was set forward since then.
    pub fn set_forward_since(&self, since: i64) -> i64 {
        self.set_forward.iter().filter(|(at, _)| *at >= since).map(|(_, by)| by).sum()
    }

    /// Remembers what was sent: a state of the storage from before it cannot come back unnoticed.
    pub fn sent(&mut self, token: &str) {
        self.last_sent = self.last_sent.max(number_of(token).unwrap_or(0));
    }

    /// Sets, then removes.
    pub fn store(&mut self, set: &[Item], remove: &[String], at: i64) -> Result<(), Refused> {
        let generation = |item: &Item| item.key.rsplit_once(':')?.1.parse::<u64>().ok();
        let renews = set.iter().any(|item| generation(item).is_some());
        let before = if renews { self.storage.items.clone() } else { Vec::new() };
        self.storage.write(set, remove)?;
        if set.iter().any(|item| item.key == KEY) {
            // Another sign-in, or the end of one: what was before is of no use to anybody.
            self.states.clear();
            self.notes.clear();
            self.generation = 0;
            self.last_sent = 0;
        } else if renews {
            self.states.push_back((before, self.generation));
            if self.states.len() > STATES {
                self.states.pop_front();
            }
        }
        for item in set {
            self.generation = self.generation.max(generation(item).unwrap_or(0));
            if item.key.ends_with(NOTE) {
                self.notes.push_back((at, item.clone()));
            }
        }
        while self.notes.get(1).is_some_and(|(noted_at, _)| at - noted_at > FLUSHED) {
            self.notes.pop_front();
        }
        Ok(())
    }

    /// When its storage was last told of use, as far as it still knows.
    pub fn noted_at(&self) -> Option<i64> {
        self.notes.back().map(|(noted_at, _)| *noted_at)
    }

    /// Forgets the last writes; whether no protocol can make up for what is lost.
    pub fn lose_writes(&mut self, writes: usize, at: i64) -> bool {
        let mut lost = None;
        for _ in 0..writes {
            lost = self.states.pop_back().or(lost);
        }
        let Some((storage, generation)) = lost else { return false };
        let behind = self.generation.saturating_sub(generation);
        let declared = behind > 1 || (behind == 1 && self.last_sent >= self.generation);
        self.cut_at = Some(at);
        // What a page has noted of the clock is lost as well.
        self.unseen_at = self.unseen_at.max(self.noted.map(|(back, _)| back));
        self.storage.items = storage;
        // Generations may be lost however old they are, which is harsher than disks are; notes of use, which are written
        // between them, are lost as disks lose them.
        self.notes.retain(|(noted_at, _)| at - noted_at > FLUSHED);
        if let Some((_, note)) = self.notes.back() {
            self.storage.items.retain(|item| item.key != note.key);
            self.storage.items.push(note.clone());
        }
        self.generation = generation;
        declared
    }

    pub fn forget_turns(&mut self) {
        self.turn = None;
        self.turns += 1;
        self.waiting.clear();
    }
}

impl World {
    /// Somebody or something sets the clock, or it jumps by itself.
    pub fn jump(&mut self, device: usize, fault: Fault) {
        let dice = self.dice_of(device, fault);
        let most = dice.pick(&[MINUTE, HOUR, 12 * HOUR]);
        let by = dice.between(-most, most);
        self.say(|| format!("device {device}: its clock jumps by {} s", by / 1_000));
        self.devices[device].off_by += by;
        let it = &mut self.devices[device];
        it.jumped_at = Some(self.at);
        if by < 0 {
            it.set_back_at = Some(self.at);
        } else {
            it.set_forward.push((self.at, by));
        }
    }

    /// A tab wants to refresh: now, or when its turn has come.
    pub fn take_turn(&mut self, tab: usize, read: u32) {
        let life = self.tabs[tab].life;
        let device = &mut self.devices[self.tabs[tab].device];
        if device.has_locks && device.turn.is_some_and(|turn| turn != (tab, life)) {
            device.waiting.push_back((tab, life, read));
            return self.after(5_000, Event::Patience { tab, life, read });
        }
        if device.has_locks {
            device.turn = Some((tab, life));
            device.turns += 1;
            device.lingers = false;
        }
        self.look(tab, read);
    }

    /// A tab has done what it could.
    pub fn end_turn(&mut self, tab: usize) {
        let changed = std::mem::take(&mut self.tabs[tab].changed);
        let life = self.tabs[tab].life;
        let device = self.tabs[tab].device;
        let it = &mut self.devices[device];
        if it.turn != Some((tab, life)) || it.lingers {
            return;
        }
        if changed {
            it.lingers = true;
            let turn = it.turns;
            self.after(LINGER, Event::TurnOver { device, turn });
        } else {
            self.next_turn(device);
        }
    }

    pub fn turn_over(&mut self, device: usize, turn: u32) {
        if self.devices[device].turns == turn {
            self.next_turn(device);
        }
    }

    /// The tab waits for no turn any more.
    pub fn leave_queue(&mut self, tab: usize) {
        let me = (tab, self.tabs[tab].life);
        let device = &mut self.devices[self.tabs[tab].device];
        device.waiting.retain(|(tab, life, _)| (*tab, *life) != me);
    }

    /// The tab gives its turn up, whatever it is doing.
    pub fn leave_turn(&mut self, tab: usize) {
        let device = self.tabs[tab].device;
        let me = (tab, self.tabs[tab].life);
        if self.devices[device].turn == Some(me) {
            self.next_turn(device);
        }
    }

    fn next_turn(&mut self, device: usize) {
        let it = &mut self.devices[device];
        it.turns += 1;
        it.lingers = false;
        it.turn = None;
        if let Some((tab, life, read)) = it.waiting.pop_front() {
            it.turn = Some((tab, life));
            self.after(0, Event::Word { tab, life, word: crate::world::Word::Turn { read } });
        }
    }

    pub fn lose_patience(&mut self, tab: usize, life: u32, read: u32) {
        let device = self.tabs[tab].device;
        let waiting = &mut self.devices[device].waiting;
        let Some(position) = waiting.iter().position(|it| *it == (tab, life, read)) else { return };
        waiting.remove(position);
        self.tell(tab, life, crate::world::Word::Turn { read });
    }
}
