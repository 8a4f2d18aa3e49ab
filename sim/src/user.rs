//! What users do: work, look away, sleep, come back after a weekend, sign in and out.

use evertoken::core::json::Object;
use evertoken::core::session::{EndReason, Input, Status};

use crate::plan::{DAY, Fault, HOUR, MINUTE, SECOND};
use crate::tab::Tab;
use crate::tally::Session;
use crate::world::{Event, World};

impl World {
    /// The next thing that the user of a device does.
    pub fn user(&mut self, device: usize) {
        if self.at >= self.devices[device].working_until {
            let away = self.until_back(device);
            return self.go_away(device, away);
        }
        self.act(device);
        let (step, plan) = (self.devices[device].dice.span(5 * MINUTE), self.devices[device].plans);
        self.after(step + SECOND, Event::User { device, plan });
    }

    /// Nobody is there any more: the device sleeps, or stays on, or its browser is closed.
    pub fn go_away(&mut self, device: usize, away: i64) {
        self.count_awake(device);
        self.devices[device].plans += 1;
        self.devices[device].working_until = 0;
        let plan = self.devices[device].plans;
        match self.devices[device].dice.below(20) {
            0 => self.say(|| format!("device {device}: left on")),
            1 | 2 => {
                self.say(|| format!("device {device}: its browser is closed"));
                for tab in self.devices[device].tabs.clone() {
                    self.close(tab);
                }
            }
            _ if self.devices[device].asleep_since.is_none() => {
                self.say(|| format!("device {device}: sleeps"));
                self.devices[device].asleep_since = Some(self.at);
            }
            _ => {}
        }
        self.after(away, Event::Return { device, plan });
    }

    /// How long people stay away, who do not work at night, and seldom at weekends.
    fn until_back(&mut self, device: usize) -> i64 {
        let mut back = self.at + MINUTE + self.devices[device].dice.span(2 * HOUR);
        if self.devices[device].dice.chance(0.01) {
            back += self.devices[device].dice.between(2 * DAY, 12 * DAY);
        }
        let (day, hour) = (back / DAY, back % DAY / HOUR);
        if !(7..22).contains(&hour) {
            let morning = if hour < 7 { day } else { day + 1 };
            back = morning * DAY + self.devices[device].dice.between(7 * HOUR, 10 * HOUR);
        }
        if back / DAY % 7 >= 5 && self.devices[device].dice.chance(0.7) {
            back = (back / DAY / 7 + 1) * 7 * DAY
                + self.devices[device].dice.between(7 * HOUR, 10 * HOUR);
        }
        back - self.at
    }

    pub fn come_back(&mut self, device: usize) {
        self.count_awake(device);
        let stretch = 2 * MINUTE + self.devices[device].dice.span(50 * MINUTE);
        self.devices[device].working_until = self.at + stretch;
        self.devices[device].plans += 1;
        self.say(|| format!("device {device}: its user is there"));
        if self.fails(device, Fault::ClockSet, 0.005) {
            self.jump(device, Fault::ClockSet);
        }
        self.devices[device].wake_up(self.at);
        for tab in self.devices[device].tabs.clone() {
            self.move_on(tab);
        }
        while self.devices[device].tabs.len() < self.plan.tabs {
            let tab = self.tabs.len();
            self.tabs.push(Tab::new(device));
            self.devices[device].tabs.push(tab);
        }
        let tab = self.some_tab(device);
        if !self.tabs[tab].open {
            self.open(tab);
        }
        self.user(device);
    }

    fn some_tab(&mut self, device: usize) -> usize {
        let it = &mut self.devices[device];
        it.tabs[it.dice.below(it.tabs.len())]
    }

    fn act(&mut self, device: usize) {
        let tab = self.some_tab(device);
        if self.tabs[tab].frozen {
            return;
        }
        if !self.tabs[tab].open {
            if self.devices[device].dice.chance(0.3) {
                self.open(tab);
            }
            return;
        }
        for other in self.devices[device].tabs.clone() {
            let hidden = other != tab;
            let changes = std::mem::replace(&mut self.tabs[other].hidden, hidden) != hidden;
            if changes && hidden && self.tabs[other].open && !self.stands_still(other) {
                self.feed(other, Input::Wake);
            }
        }
        self.disturb(device, tab);
        if !self.tabs[tab].open || self.stands_still(tab) {
            return;
        }
        if self.fails(device, Fault::ClockJump, 0.002) {
            self.jump(device, Fault::ClockJump);
        }
        self.feed(tab, Input::Wake);
        self.act_in(tab);
        self.check(tab);
        if !self.tabs[tab].open {
            return;
        }
        if self.devices[device].session.is_none() {
            return self.sign_in(tab);
        }
        // A page may well send several at once.
        let requests = if self.devices[device].dice.chance(0.1) { 3 } else { 1 };
        for _ in 0..requests {
            self.ask(tab);
        }
        self.check_callers(tab);
        self.steal_storage(device);
        if self.devices[device].dice.chance(0.001) {
            self.sign_out(tab);
        }
    }

    /// What happens to pages and devices in use.
    fn disturb(&mut self, device: usize, tab: usize) {
        if self.fails(device, Fault::Reload, 0.02) {
            self.open(tab);
        } else if self.devices[device].dice.chance(0.02) {
            self.say(|| format!("device {device} tab {tab}: closed"));
            self.close(tab);
        }
        if self.fails(device, Fault::Freeze, 0.01) {
            let frozen = self.some_tab(device);
            let mean = self.dice_of(device, Fault::Freeze).pick(&[MINUTE, HOUR, 10 * HOUR]);
            let span = self.dice_of(device, Fault::Freeze).span(mean);
            let in_order = self.dice_of(device, Fault::Freeze).chance(0.5);
            if self.tabs[frozen].open && !self.tabs[frozen].frozen {
                self.say(|| {
                    format!("device {device} tab {frozen}: stands still for {} s", span / 1_000)
                });
                if in_order {
                    self.leave_turn(frozen);
                }
                self.tabs[frozen].frozen = true;
                let life = self.tabs[frozen].life;
                self.after(span, Event::Thaw { tab: frozen, life });
            }
        }
        if self.fails(device, Fault::Outage, 0.004) {
            let mean = self.dice_of(device, Fault::Outage).pick(&[MINUTE, 20 * MINUTE, 3 * HOUR]);
            let span = self.dice_of(device, Fault::Outage).span(mean);
            self.say(|| format!("device {device}: no network for {} s", span / 1_000));
            self.devices[device].offline_until = self.at + span;
        }
        if self.fails(device, Fault::PowerCut, 0.0005) {
            let writes = self.dice_of(device, Fault::PowerCut).pick(&[1, 1, 1, 2, 3]);
            self.say(|| format!("device {device}: loses power, and its last {writes} writes"));
            for tab in self.devices[device].tabs.clone() {
                self.close(tab);
            }
            self.devices[device].forget_turns();
            let declared = self.devices[device].lose_writes(writes, self.at);
            if let Some(session) = self.devices[device].session {
                let it = &mut self.sessions[session];
                it.rolled_back |= declared;
                // What nobody knows any more was no use.
                let known = self.devices[device].noted_at().unwrap_or(it.started);
                it.used_at = it.used_at.min(known);
                it.surely_used_at = it.surely_used_at.min(known);
            }
        }
    }

    pub fn thaw(&mut self, tab: usize, life: u32) {
        if self.tabs[tab].life == life && self.tabs[tab].frozen {
            self.tabs[tab].frozen = false;
            self.say(|| format!("tab {tab}: moves again"));
            self.move_on(tab);
        }
    }

    /// The user sees whether somebody is signed in.
    fn check(&mut self, tab: usize) {
        let device = self.tabs[tab].device;
        let status = self.tabs[tab].status();
        let Some(session) = self.devices[device].session else { return };
        if matches!(status, Status::SignedOut | Status::Ended) {
            // A sign-in elsewhere takes its moment to be heard of.
            if self.at - self.sessions[session].started > 5 * SECOND {
                self.lost(session, tab, "nobody is signed in");
            }
        }
    }

    /// A tab says that its session is over.
    pub fn ended(&mut self, tab: usize, reason: EndReason) {
        let device = self.tabs[tab].device;
        self.say(|| format!("device {device} tab {tab}: ended ({})", reason.as_str()));
        if let Some(session) = self.devices[device].session
            && self.tabs[tab].held == Some(session)
        {
            self.lost(session, tab, reason.as_str());
        }
    }

    fn sign_in(&mut self, tab: usize) {
        let device = self.tabs[tab].device;
        if self.at < self.devices[device].offline_until {
            return;
        }
        let instance = self.devices[device].dice.below(3);
        let (number, json) = match self.plan.one_token {
            true => self.server.first_token(self.at, instance),
            false => self.server.sign_in(self.at, instance),
        };
        self.say(|| format!("device {device} tab {tab}: signs in, session {number}"));
        self.sessions.push(Session::new(self.at));
        if let Some(token) =
            Object::parse(json.as_bytes()).unwrap_or_default().string("access_token")
        {
            self.had(token);
        }
        self.devices[device].session = Some(number);
        let (caller, entropy) = (self.caller(tab), self.entropy(device));
        self.feed(tab, Input::Tokens { caller, json, entropy });
        // There is nothing of ours that could make room for it, and beside such a page there are two of everything.
        self.sessions[number].unstored = self.is_apart(device);
    }

    fn sign_out(&mut self, tab: usize) {
        let device = self.tabs[tab].device;
        let Some(session) = self.devices[device].session.take() else { return };
        self.say(|| format!("device {device} tab {tab}: signs out of session {session}"));
        self.sessions[session].over = true;
        let caller = self.caller(tab);
        self.feed(tab, Input::SignOut { caller, revoke: true });
    }
}
