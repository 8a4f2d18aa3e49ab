//! Sessions that end because nobody uses them: not before their time, and not after it.

use evertoken::core::session::Input;

use crate::plan::{MINUTE, SECOND};
use crate::world::World;

/// By how much an end may miss its moment: the last use is written down twice a minute.
const ABOUT: i64 = 40 * SECOND;

impl World {
    /// The user does something in a page.
    pub fn act_in(&mut self, tab: usize) {
        let device = self.tabs[tab].device;
        if let Some(session) = self.devices[device].session
            && !self.is_past_idle(device, session)
        {
            self.sessions[session].used_at = self.at;
        }
        self.feed(tab, Input::Active);
    }

    /// Whether nobody has used a session for as long as its client allows, and for so much longer.
    fn is_idle(&self, session: usize, longer: i64) -> bool {
        let unused = self.at - self.sessions[session].used_at;
        self.plan.idle_timeout.is_some_and(|it| unused > it + longer)
    }

    /// Whether it should have ended as unused; a clock that was set back unseen hides how long that is.
    fn is_past_idle(&self, device: usize, session: usize) -> bool {
        let hidden =
            self.devices[device].was_set_back_since(self.sessions[session].used_at, self.at);
        !hidden && self.is_idle(session, ABOUT)
    }

    /// A page gets a token to send.
    pub fn check_idle(&mut self, device: usize) {
        if let Some(session) = self.devices[device].session
            && self.is_past_idle(device, session)
        {
            self.say(|| format!("device {device}: session {session} is used after its idle end"));
            self.fail("a session was used after its idle end");
        }
    }

    /// A client says that nobody used its session for too long: in time, or else because of what it cannot know.
    pub fn ended_idle(&mut self, device: usize, session: usize) {
        let it = &self.devices[device];
        let used_at = self.sessions[session].used_at;
        if self.is_idle(session, -ABOUT) {
            self.sessions[session].revoked = true;
        } else if it.set_forward_at.is_some_and(|at| at >= used_at) {
            self.sessions[session].slept = true;
        } else if it.cut_at.is_some_and(|at| at >= used_at - MINUTE) {
            self.sessions[session].rolled_back = true;
        }
    }
}
