//! What one world consists of: all of it follows from a seed, and a failure is sought with less of it.

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::rivals::Scheme;

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A request never arrives.
    RequestLost,
    /// What the server did is never heard of (C6).
    AnswerLost,
    /// The answer is lost, and the device sleeps until its user comes back (C45).
    Nightfall,
    /// A request or an answer takes up to half a minute.
    Slow,
    /// A request arrives twice, up to ten minutes later (C42).
    Duplicate,
    /// A device has no network for a while (C10, C11).
    Outage,
    /// The server answers 429, 500 or 503 (C9).
    ServerError,
    /// Another write comes between a read and its write.
    StoreRace,
    /// The server crashes after it has written and before it answers.
    Crash,
    /// The store goes back to a backup.
    Restore,
    /// The clocks of the server's instances differ.
    ServerClocks,
    /// Secrets and lifetimes change, one instance after the other.
    Deploy,
    /// A device's clock is wrong from the beginning (C14).
    DeviceClock,
    /// A device's clock jumps while a page is used (C14).
    ClockJump,
    /// A tab stands still for a while (C4, C16).
    Freeze,
    /// A tab is reloaded (C7).
    Reload,
    /// A device loses power, and storage what was last written (C44).
    PowerCut,
    /// Storage refuses a write (C32, C53).
    StorageFull,
    /// The browser has no locks (C3).
    NoLocks,
    /// The monotonic clock stands still during sleep (C15).
    ClockStops,
    /// Somebody copies what opens the session (C8, C43).
    Theft,
    /// A device's clock is set while its pages are closed or asleep, so that none can see it.
    ClockSet,
    /// What a user may do changes, so that APIs refuse older access tokens (C19, C38).
    Bump,
}

impl Fault {
    /// What happens only where it is asked for: nothing that a client can do undoes it.
    pub const EXTRA: [Self; 2] = [Self::StorageFull, Self::ClockSet];

    pub const ALL: [Self; 23] = [
        Self::RequestLost,
        Self::AnswerLost,
        Self::Nightfall,
        Self::Slow,
        Self::Duplicate,
        Self::Outage,
        Self::ServerError,
        Self::StoreRace,
        Self::Crash,
        Self::Restore,
        Self::ServerClocks,
        Self::Deploy,
        Self::DeviceClock,
        Self::ClockJump,
        Self::Freeze,
        Self::Reload,
        Self::PowerCut,
        Self::StorageFull,
        Self::NoLocks,
        Self::ClockStops,
        Self::Theft,
        Self::ClockSet,
        Self::Bump,
    ];
}

/// One world: one user with several devices.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub scheme: Scheme,
    /// Whether clients send attempts.
    pub attempts: bool,
    pub devices: usize,
    /// How many tabs a device has at most.
    pub tabs: usize,
    pub days: i64,
    /// Seconds that an access token lives.
    pub life: i64,
    /// Seconds without a refresh after which a session is over.
    pub idle: i64,
    /// Seconds after which a session is over.
    pub absolute: i64,
    /// Whether there are no refresh tokens, and APIs renew access tokens in passing.
    pub one_token: bool,
    /// Milliseconds without use after which clients end a session.
    pub idle_timeout: Option<i64>,
    /// Whether APIs look at the record.
    pub api_reads: bool,
    pub faults: BTreeSet<Fault>,
    /// Nothing goes wrong before this.
    pub calm_until: i64,
    /// Single faults that are left out: where, which kind, the how many-eth question whether it happens.
    pub spared: BTreeSet<(usize, Fault, u32)>,
    /// Devices that nobody uses.
    pub idle_devices: BTreeSet<usize>,
}

impl Plan {
    pub fn new(seed: u64, scheme: Scheme, without: &BTreeSet<Fault>) -> Self {
        let mut dice = Dice::new(seed, 0);
        let idle = dice.pick(&[3, 7, 14]) * 86_400;
        Self {
            seed,
            scheme,
            attempts: true,
            devices: 1 + dice.below(3),
            tabs: 1 + dice.below(4),
            days: dice.between(14, 43),
            life: dice.pick(&[300, 300, 900, 900, 3_600]),
            idle,
            absolute: dice.pick(&[10, 30, 90]) * 86_400,
            api_reads: dice.chance(0.5),
            one_token: false,
            idle_timeout: dice.pick(&[None, None, None, None, Some(15 * MINUTE), Some(8 * HOUR)]),
            faults: Fault::ALL.into_iter().filter(|fault| !without.contains(fault)).collect(),
            calm_until: 0,
            spared: BTreeSet::new(),
            idle_devices: BTreeSet::new(),
        }
    }

    /// The same with no refresh tokens.
    pub fn with_one_token(mut self) -> Self {
        self.one_token = true;
        self.life = Dice::new(self.seed, 1).pick(&[1, 8]) * 3_600;
        self
    }

    pub fn device_days(&self) -> u64 {
        self.devices as u64 * self.days as u64
    }
}
