//! Sessions that end because nobody uses them: not before their time, and not after it.

use evertoken::core::session::Input;

use crate::plan::SECOND;
use crate::world::World;

/// By how much an end may miss its moment: the last use is written down twice a minute.
const ABOUT: i64 = 40 * SECOND;

/// By how much it may come later: what the server's clocks differ by after a sleep, and what no answer can tell apart.
const LATE: i64 = 160 * SECOND;

impl World {
    /// The user does something in a page.
    pub fn act_in(&mut self, tab: usize) {
        let device = self.tabs[tab].device;
        if let Some(session) = self.devices[device].session
            && !self.is_past_idle(device, session)
        {
            // The client may count whatever use there was, but none once the session is over, although a clock hides it.
            let is_over = self.is_idle(self.sessions[session].used_at, ABOUT + LATE);
            let it = &mut self.sessions[session];
            it.used_late_at = is_over.then_some(self.at).or(it.used_late_at);
            it.used_at = self.at;
            if !self.is_idle(self.sessions[session].surely_used_at, -ABOUT) {
                self.sessions[session].surely_used_at = self.at;
            }
        }
        self.feed(tab, Input::Active);
    }

    /// Whether a session that was used then has not been used for as long as its client allows, and for so much longer.
    fn is_idle(&self, used_at: i64, longer: i64) -> bool {
        self.plan.idle_timeout.is_some_and(|it| self.at - used_at > it + longer)
    }

    /// Whether it should have ended as unused. A clock that was set back unseen hides how long that is, and what one was set
    /// forward by since the server last answered may be taken off once too often.
    fn is_past_idle(&self, device: usize, session: usize) -> bool {
        let used_at = self.sessions[session].used_at;
        let hidden = self.devices[device].was_set_back_since(used_at, self.at);
        let off = self.devices[device].set_forward_since(self.sessions[session].started);
        !hidden && self.is_idle(used_at, ABOUT + LATE + off)
    }

    /// A page gets a token to send.
    pub fn check_idle(&mut self, device: usize) {
        let Some(session) = self.devices[device].session else { return };
        if self.is_past_idle(device, session) {
            self.say(|| format!("device {device}: session {session} is used after its idle end"));
            self.fail("a session was used after its idle end");
        }
        let it = &mut self.sessions[session];
        // Whoever still gets tokens then has settled that it goes on.
        it.used_late_at = it.used_late_at.filter(|late| self.at - late <= ABOUT + LATE);
        if it.used_late_at.is_none() {
            it.surely_used_at = it.used_at;
        }
    }

    /// A client says that nobody used its session for too long.
    pub fn ended_idle(&mut self, device: usize, session: usize) {
        let it = &self.sessions[session];
        let (used_at, used_late) = (it.surely_used_at, it.used_late_at.is_some());
        if used_late || self.is_idle(used_at, -ABOUT) {
            let early = !self.is_idle(self.sessions[session].used_at, -ABOUT);
            self.tally.used_late += u64::from(used_late && early);
            self.sessions[session].revoked = true;
        } else if self.plan.one_token {
            // There is no refresh to ask the server by.
            let was_set = self.devices[device].set_forward_since(used_at) > 0;
            self.sessions[session].slept |= was_set;
        }
    }
}
