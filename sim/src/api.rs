//! An API: it looks at the end of an access token, and in half of the worlds at the record of its session, too.

use evertoken::core::session::{Caller, Input, Stamp};

use crate::names::name;
use crate::passing;
use crate::plan::{Fault, MINUTE, SECOND};
use crate::rivals::Scheme;
use crate::server::Server;
use crate::world::{Event, Word, World};

/// What the server knows of an access token.
#[derive(Clone, Copy)]
pub struct Minted {
    pub session: usize,
    pub at: i64,
    /// When it is really over, in milliseconds of the world.
    pub end: i64,
    /// As the clock of the instance says it.
    pub iat: i64,
    pub permissions: u64,
}

/// A request with an access token.
#[derive(Clone)]
pub struct Request {
    pub tab: usize,
    pub life: u32,
    pub token: String,
    pub stamp: Stamp,
    /// Whether it was refused before.
    pub again: bool,
}

/// Who asked for a token to send with a request.
pub struct Asking {
    caller: u32,
    since: i64,
    /// What the request was refused with.
    refused: Option<String>,
}

/// The most by which an API lets clocks differ, besides what it knows its issuer's to differ.
const TOLERATED: i64 = 5 * SECOND;

/// Longer than any caller should have to wait while its page runs.
const PATIENCE: i64 = 5 * MINUTE;

impl Server {
    pub fn mint(&mut self, minted: Minted) -> String {
        self.minted.push(minted);
        // No shorter than those in use: where storage is full, this is what it can do without.
        format!("{:024}", self.minted.len() - 1)
    }

    fn minted(&self, token: &str) -> Option<Minted> {
        if token.contains('.') {
            return passing::minted(token);
        }
        self.minted.get(token.parse::<usize>().ok()?).copied()
    }

    /// Whether the record of its session has nothing against it.
    fn allows(&self, token: &str, minted: Minted) -> bool {
        let Minted { session, iat, permissions, .. } = minted;
        self.held.account.as_ref().is_some_and(|account| {
            account.check_access(&name(session), token, iat, permissions).is_ok()
        })
    }
}

impl World {
    /// Something wants an access token, to send it with a request.
    pub fn ask(&mut self, tab: usize) {
        let caller = self.waits(tab, None);
        self.feed(tab, Input::Ask { caller, min_validity: 0.0, force: false });
    }

    /// A request of this tab was answered 401.
    pub fn refused(&mut self, request: Request) {
        let Request { tab, token, stamp, .. } = request;
        let caller = self.waits(tab, Some(token));
        self.feed(tab, Input::Unauthorized { caller, used: stamp, challenge: None });
    }

    fn waits(&mut self, tab: usize, refused: Option<String>) -> Caller {
        let caller = self.caller(tab);
        self.tabs[tab].asking.push(Asking { caller: caller.0, since: self.at, refused });
        caller
    }

    /// A caller gets its token, or none.
    pub fn settle(&mut self, tab: usize, caller: Caller, token: Option<(&str, Stamp)>) {
        let asking = &mut self.tabs[tab].asking;
        let Some(position) = asking.iter().position(|it| it.caller == caller.0) else { return };
        let Asking { refused, .. } = asking.swap_remove(position);
        let Some((token, stamp)) = token else {
            self.tally.handed_on += u64::from(refused.is_some());
            return;
        };
        if refused.as_deref() == Some(token) {
            self.fail("a request was sent again with the token that was refused");
        }
        self.check_idle(self.tabs[tab].device);
        let again = refused.is_some();
        let life = self.tabs[tab].life;
        let delay = self.devices[self.tabs[tab].device].dice.between(5, 60);
        let request = Request { tab, life, token: token.into(), stamp, again };
        self.after(delay, Event::Api(request));
    }

    /// A request with an access token arrives.
    pub fn used(&mut self, request: Request) {
        let Request { tab, life, stamp, again, .. } = request;
        self.tally.requests += 1;
        let accepted = self.accepts(&request);
        if accepted && self.plan.one_token {
            self.pass_along(&request);
        }
        let device = self.tabs[tab].device;
        let mut delay = self.devices[device].dice.between(5, 60);
        let word = if again {
            self.tally.replayed += u64::from(accepted);
            self.tally.refused_again += u64::from(!accepted);
            Word::Input(Input::Replayed { used: stamp, accepted })
        } else if accepted {
            return;
        } else {
            self.say(|| format!("tab {tab}: a request is answered 401"));
            if self.fails(device, Fault::Slow, 0.2) {
                delay += self.dice_of(device, Fault::Slow).between(SECOND, 30 * SECOND);
            }
            Word::Refused(request)
        };
        self.after(delay, Event::Word { tab, life, word });
    }

    fn accepts(&mut self, Request { tab, token, .. }: &Request) -> bool {
        let Some(minted) = self.server.minted(token) else { return false };
        let late = self.at - minted.end;
        let skews = self.server.instances.iter().map(|instance| instance.skew);
        let [most, least] = [skews.clone().max(), skews.min()].map(|it| it.unwrap_or(0));
        // A token that says itself when it is over says so by the clock of whoever made it.
        let apart = if self.plan.one_token { most.max(-least) } else { most - least };
        if late < TOLERATED + apart * SECOND {
            let keeps_record = self.plan.scheme == Scheme::Evertoken && !self.plan.one_token;
            let reads = self.plan.api_reads && keeps_record;
            let accepted = !reads || self.server.allows(token, minted);
            self.tally.refused += u64::from(!accepted);
            return accepted;
        }
        self.say(|| format!("tab {tab}: a token is used {} s after its end", late / SECOND));
        // In passing, the end of each token is counted from that of the last one.
        let since = match self.plan.one_token {
            true => self.sessions[minted.session].started,
            false => minted.at,
        };
        if self.devices[self.tabs[*tab].device].was_set_back_since(since, self.at) {
            self.tally.clock_back += 1;
        } else {
            self.tally.expired += 1;
            self.fail("an expired token was sent");
        }
        false
    }

    /// Whether somebody waits here although the page runs.
    pub fn check_callers(&mut self, tab: usize) {
        let it = &self.tabs[tab];
        let runs_since = self.at - it.moved_at;
        if it.asking.iter().any(|asking| (self.at - asking.since).min(runs_since) > PATIENCE) {
            self.fail("a caller was left waiting");
        }
    }
}
