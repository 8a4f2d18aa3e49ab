//! Who takes part in a search, what they send, and how often what may happen.

/// What may still happen, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Bounds {
    pub(crate) sends: u16,
    /// What the other device of the same user sends; with none there is no other device.
    pub(crate) neighbour: u16,
    pub(crate) losses: u16,
    /// Requests that somebody on the way sends once more, however late.
    pub(crate) duplicates: u16,
    /// Writes that succeed and are reported as lost.
    pub(crate) lost_commits: u16,
    pub(crate) restores: u16,
    pub(crate) jumps: u16,
    /// Jumps as long as a unit of the budget takes to come back.
    pub(crate) refills: u16,
    /// Requests that reach a server whose clock is half a minute off.
    pub(crate) skews: u16,
    /// What the thieves may do: the thefts themselves and each use of the loot.
    pub(crate) thefts: u16,
    pub(crate) loot: Loot,
    /// Whether there are two of them, who do not know of each other.
    pub(crate) accomplice: bool,
    /// Whether the client sends attempts.
    pub(crate) attempts: bool,
    /// Whether the thieves do.
    pub(crate) thieves_attempts: bool,
    /// What is left of the budget for strangers at the start.
    pub(crate) units: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Loot {
    Token,
    Storage,
}

impl Bounds {
    pub(crate) const NONE: Self = Self {
        sends: 0,
        neighbour: 0,
        losses: 0,
        duplicates: 0,
        lost_commits: 0,
        restores: 0,
        jumps: 0,
        refills: 0,
        skews: 0,
        thefts: 0,
        loot: Loot::Token,
        accomplice: false,
        attempts: true,
        thieves_attempts: true,
        units: 10,
    };
    pub(crate) const ENDLESS: Self = Self {
        sends: u16::MAX,
        neighbour: u16::MAX,
        losses: u16::MAX,
        duplicates: u16::MAX,
        lost_commits: u16::MAX,
        restores: 2,
        jumps: u16::MAX,
        skews: u16::MAX,
        ..Self::NONE
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Holder {
    Client,
    /// The same user's other device, with a session of its own.
    Neighbour,
    Thief,
    Accomplice,
}

impl Holder {
    pub(crate) const ALL: [Self; 4] =
        [Self::Client, Self::Neighbour, Self::Thief, Self::Accomplice];

    pub(crate) const fn is_honest(self) -> bool {
        matches!(self, Self::Client | Self::Neighbour)
    }

    /// Which session its tokens are of: thieves have those of the client.
    pub(crate) const fn session(self) -> &'static str {
        match self {
            Self::Neighbour => "BBBBBBBBBBBBBBBB",
            _ => "AAAAAAAAAAAAAAAA",
        }
    }

    /// An attempt of its own; random, so never one of another's.
    pub(crate) const fn attempt(self, generation: u64) -> u64 {
        10_000 * (self as u64) + generation
    }
}

/// A refresh token and the attempt that was stored with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Stored {
    pub(crate) generation: u64,
    pub(crate) attempt: Option<u64>,
}

/// A request on its way; `serial` tells those without attempt apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) from: Holder,
    pub(crate) stored: Stored,
    pub(crate) serial: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Message {
    /// On its way to the issuer.
    Request(Asked),
    /// A server whose clock is off by `skew` has read version `read` and not written yet.
    Reading { asked: Asked, read: u32, skew: i64 },
    /// On its way back: the successor's generation, or why there is none.
    Answer { to: Holder, asked: u64, successor: Result<u64, &'static str> },
}

impl Message {
    pub(crate) const fn holder(&self) -> Holder {
        match self {
            Self::Request(asked) | Self::Reading { asked, .. } => asked.from,
            Self::Answer { to, .. } => *to,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Holder),
    Steal(Holder),
    Jump(i64),
    Refill,
    Lose(usize),
    Duplicate(usize),
    /// A request is read, a reading is decided and written, an answer is taken in.
    Move(usize),
    /// A request is read by a server whose clock is off.
    MoveTo(usize, i64),
    /// As `Move` of a reading, and the store's answer to the write is lost.
    LoseCommit(usize),
    Restore,
}
