//! What is counted: who was signed out, who stole unseen, what was sent too late and too often.

use evertoken::core::session::EndReason;

use crate::plan::{Fault, SECOND};
use crate::rivals::Scheme;
use crate::server::Seen;
use crate::tab::Tab;
use crate::world::World;

/// What the world knows of a session besides what server and client know.
pub struct Session {
    pub started: i64,
    /// Somebody copied what opens it.
    pub stolen: bool,
    /// When its user last used it.
    pub used_at: i64,
    /// The same, but for a use so late that it may not have counted.
    pub surely_used_at: i64,
    /// When its user last used it although it was over already, as a clock that was set may hide, unless it is settled that it
    /// goes on.
    pub used_late_at: Option<i64>,
    /// When the newest of its tokens is over, where nothing else renews it.
    pub token_end: Option<i64>,
    /// A clock that was set passes for a sleep, and a session of one token for unused or over.
    pub slept: bool,
    /// Storage went back further than any protocol can make up for.
    pub rolled_back: bool,
    /// Storage had no room for its first tokens, so it ends with the page that got them, or took nothing more in its
    /// midst, so that one of several pages went on with it alone.
    pub unstored: bool,
    /// Its user ended it.
    pub revoked: bool,
    /// It is over, and whoever is to know knows.
    pub over: bool,
}

impl Session {
    pub const fn new(started: i64) -> Self {
        let [stolen, slept, rolled_back, unstored, revoked, over] = [false; 6];
        let (token_end, used_late_at) = (None, None);
        Self {
            started,
            stolen,
            used_at: started,
            surely_used_at: started,
            used_late_at,
            token_end,
            slept,
            rolled_back,
            unstored,
            revoked,
            over,
        }
    }
}

#[derive(Default)]
pub struct Tally {
    pub device_days: u64,
    pub sessions: u64,
    pub posts: u64,
    pub rotations: u64,
    /// What was least possible: one for each life of an access token that somebody was there for.
    pub needed: f64,
    /// Requests to APIs, and those whose token was over.
    pub requests: u64,
    pub expired: u64,
    /// The same where the clock was set back and no page saw it.
    pub clock_back: u64,
    /// Sessions that ended early because the clock was set.
    pub clock_set: u64,
    /// Requests whose token an API refused for what the record says, and what became of all that were refused.
    pub refused: u64,
    pub replayed: u64,
    pub refused_again: u64,
    pub handed_on: u64,
    pub involuntary: u64,
    /// The same after storage went back further than is promised.
    pub declared: u64,
    /// The same where storage had no room for it from its beginning.
    pub unstored: u64,
    pub in_time: u64,
    /// Of these, as unused, although it was used shortly before, when it was over.
    pub used_late: u64,
    pub thefts: u64,
    pub unseen: u64,
    /// The same where the store was restored to a time before the victim's refreshes.
    pub forgotten: u64,
    /// By the victim's refreshes until thieves were found: 0, 1, 2, 3, more.
    pub found: [u64; 5],
    pub never_used: u64,
    pub gave_up: u64,
    pub repeated: u64,
    pub believed: u64,
    pub superseded: u64,
    pub restores: u64,
    pub faults: Vec<(usize, Fault, u32)>,
    pub failure: Option<&'static str>,
}

impl Tally {
    /// A request with an access token arrives.
    pub fn count(&mut self, seen: Seen) {
        match seen {
            Seen::Rotated | Seen::RolledForward => self.rotations += 1,
            Seen::Repeated => self.repeated += 1,
            Seen::Believed => self.believed += 1,
            Seen::Superseded => self.superseded += 1,
            Seen::Reuse | Seen::Refused(_) => {}
        }
    }

    pub const fn found(&mut self, refreshes: usize) {
        self.found[if refreshes < 4 { refreshes } else { 4 }] += 1;
    }

    pub fn add(&mut self, other: &Self) {
        self.device_days += other.device_days;
        self.sessions += other.sessions;
        self.posts += other.posts;
        self.rotations += other.rotations;
        self.needed += other.needed;
        self.requests += other.requests;
        self.expired += other.expired;
        self.clock_back += other.clock_back;
        self.clock_set += other.clock_set;
        self.refused += other.refused;
        self.replayed += other.replayed;
        self.refused_again += other.refused_again;
        self.handed_on += other.handed_on;
        self.involuntary += other.involuntary;
        self.declared += other.declared;
        self.unstored += other.unstored;
        self.in_time += other.in_time;
        self.used_late += other.used_late;
        self.thefts += other.thefts;
        self.unseen += other.unseen;
        self.forgotten += other.forgotten;
        for (sum, one) in self.found.iter_mut().zip(other.found) {
            *sum += one;
        }
        self.never_used += other.never_used;
        self.gave_up += other.gave_up;
        self.repeated += other.repeated;
        self.believed += other.believed;
        self.superseded += other.superseded;
        self.restores += other.restores;
    }
}

impl World {
    /// A session is over for its user: in time, or it should not be.
    pub fn lost(&mut self, session: usize, tab: usize, how: &str) {
        let device = self.tabs[tab].device;
        self.devices[device].session = None;
        if how == EndReason::Idle.as_str() {
            self.ended_idle(device, session);
        }
        self.explain(device, session);
        if self.sessions[session].unstored {
            // Each page has its own by now; whoever meets that starts the browser anew.
            for tab in self.devices[device].tabs.clone() {
                self.close(tab);
            }
        }
        self.sign_off(session, || format!("device {device} tab {tab}: {how}"));
    }

    /// The server takes an honest client for a thief.
    pub fn accused(&mut self, session: usize) {
        // What storage does not take lives on in one page alone: two pages are then two to the server.
        let pages = || self.tabs.iter().filter(|tab| tab.open && tab.held == Some(session));
        self.sessions[session].unstored |= pages().count() > 1 && pages().any(Tab::goes_on_alone);
        self.sign_off(session, || "the server takes the client for a thief".into());
    }

    pub fn unseen(&mut self, session: usize) {
        self.say(|| format!("a thief of session {session} goes unseen"));
        self.tally.unseen += 1;
        self.fail("a thief went unseen");
    }

    fn sign_off(&mut self, session: usize, how: impl FnOnce() -> String) {
        let (idle_end, _) = self.server.ends(session);
        let end = self.sessions[session].token_end.map_or(idle_end, |end| end / SECOND);
        // What instances' clocks are off, and what a second is made of.
        let nearly = end - 65;
        let it = &mut self.sessions[session];
        if it.over || it.stolen {
            it.over = true;
            return;
        }
        it.over = true;
        if it.revoked || self.at / SECOND >= nearly {
            self.tally.in_time += 1;
        } else if it.slept {
            self.tally.clock_set += 1;
        } else if it.rolled_back {
            self.tally.declared += 1;
        } else if it.unstored {
            self.tally.unstored += 1;
        } else {
            self.tally.involuntary += 1;
            self.say(|| format!("involuntary sign-out of session {session}: {}", how()));
            self.fail("an honest user was signed out");
        }
    }

    /// Other schemes are only counted.
    pub fn fail(&mut self, what: &'static str) {
        if self.plan.scheme == Scheme::Evertoken && self.plan.attempts {
            self.tally.failure = Some(what);
        }
    }

    /// Counts for how long a device was on with somebody signed in.
    pub fn count_awake(&mut self, device: usize) {
        let it = &mut self.devices[device];
        let since = std::mem::replace(&mut it.awake_since, self.at);
        let open = it.tabs.iter().any(|tab| self.tabs[*tab].open);
        if it.asleep_since.is_none() && it.session.is_some() && open {
            self.tally.needed += (self.at - since) as f64 / (self.plan.life * SECOND) as f64;
        }
    }

    pub fn close_books(&mut self) {
        for device in 0..self.devices.len() {
            self.count_awake(device);
        }
        self.tally.device_days = self.plan.device_days();
        self.tally.sessions = self.sessions.len() as u64;
        self.close_thieves();
    }
}
