//! The network between clients and server: it loses, delays and repeats.

use evertoken::core::session::Answer;

use crate::names::{number_of, session_of};
use crate::plan::{DAY, Fault, MINUTE, SECOND};
use crate::server::{Pending, Refresh, Reply, Seen};
use crate::world::{Event, SERVER, Sender, World};

impl World {
    /// A tab posts a refresh.
    pub fn post(&mut self, tab: usize, flight: u32, token: &str, attempt: Option<String>) {
        let attempt = attempt.filter(|_| self.plan.attempts);
        let device = self.tabs[tab].device;
        let instance = self.devices[device].dice.below(3);
        let refresh = Refresh { token: token.into(), attempt, instance, round: 0 };
        let from = Sender::Tab { tab, life: self.tabs[tab].life, flight };
        self.tally.posts += 1;
        self.say(|| {
            let with = if refresh.attempt.is_some() { "" } else { ", without attempt" };
            format!("device {device} tab {tab}: refreshes {}{with}", shown(token))
        });
        self.devices[device].sent(token);
        self.steal(device, &refresh);
        if self.at < self.devices[device].offline_until {
            return self.deliver(from, 20, Answer::Unreachable);
        }
        if self.fails(device, Fault::RequestLost, 0.02) {
            return self.deliver(from, 2 * SECOND, Answer::Unreachable);
        }
        if self.fails(device, Fault::ServerError, 0.01) {
            let dice = self.dice_of(device, Fault::ServerError);
            let status = dice.pick(&[429, 500, 502, 503]);
            let retry_after = dice.chance(0.5).then(|| dice.between(1, 60) as f64);
            let answer = Answer::Http { status, retry_after, body: String::new() };
            return self.deliver(from, 100, answer);
        }
        if self.fails(device, Fault::Duplicate, 0.01) {
            let dice = self.dice_of(device, Fault::Duplicate);
            let delay = if dice.chance(0.5) { 200 } else { dice.between(SECOND, 10 * MINUTE) };
            let echo = Event::Request { from: Sender::Echo, refresh: refresh.clone() };
            self.after(delay, echo);
        }
        let mut delay = self.devices[device].dice.between(10, 120);
        if self.fails(device, Fault::Slow, 0.02) {
            delay += self.dice_of(device, Fault::Slow).between(SECOND, 30 * SECOND);
        }
        self.after(delay, Event::Request { from, refresh });
    }

    pub fn request(&mut self, from: Sender, refresh: Refresh) {
        let (reply, seen) = self.server.refresh(&refresh, self.at);
        match reply {
            Reply::Write(pending) => {
                let delay = if self.fails(SERVER, Fault::StoreRace, 0.05) {
                    self.dice_of(SERVER, Fault::StoreRace).between(5, 3_000)
                } else {
                    0
                };
                if delay > 0 {
                    return self.after(delay, Event::Write { from, refresh, pending });
                }
                self.write(from, refresh, *pending);
            }
            reply => self.reply(from, &refresh, reply, seen),
        }
    }

    pub fn write(&mut self, from: Sender, mut refresh: Refresh, pending: Pending) {
        let (reply, seen) = self.server.write(pending, &refresh, self.at);
        match reply {
            Reply::Again => {
                refresh.round += 1;
                self.say(|| "server: somebody else was faster; once more".into());
                let delay = self.server.dice.between(1, 20);
                self.after(delay, Event::Request { from, refresh });
            }
            reply => {
                self.count(from, &refresh, seen);
                if self.fails(SERVER, Fault::Crash, 0.01) {
                    let body = r#"{"error":"temporarily_unavailable"}"#.into();
                    let answer = Answer::Http { status: 503, retry_after: Some(1.0), body };
                    return self.deliver(from, 100, answer);
                }
                self.answer(from, reply);
            }
        }
    }

    fn reply(&mut self, from: Sender, refresh: &Refresh, reply: Reply, seen: Option<Seen>) {
        self.count(from, refresh, seen);
        self.answer(from, reply);
    }

    fn count(&mut self, from: Sender, refresh: &Refresh, seen: Option<Seen>) {
        let Some(seen) = seen else { return };
        self.say(|| format!("server: {} of {from:?}: {seen:?}", shown(&refresh.token)));
        let session = session_of(&refresh.token).unwrap_or(usize::MAX);
        self.judge(session, from, seen);
    }

    fn answer(&mut self, from: Sender, reply: Reply) {
        let answer = match reply {
            Reply::Tokens(body) => Answer::Http { status: 200, retry_after: None, body },
            Reply::Refused(status, body) => {
                let retry_after = (status == 503).then_some(1.0);
                Answer::Http { status, retry_after, body }
            }
            Reply::Write(_) | Reply::Again => unreachable!("nothing to answer yet"),
        };
        let Sender::Tab { tab, .. } = from else { return self.deliver(from, 0, answer) };
        let device = self.tabs[tab].device;
        let mut delay = self.devices[device].dice.between(10, 120);
        if self.fails(device, Fault::AnswerLost, 0.05) {
            if self.fails(device, Fault::Nightfall, 0.03) {
                let away = self.dice_of(device, Fault::Nightfall).between(DAY / 3, 3 * DAY);
                self.go_away(device, away);
            }
            return self.deliver(from, 2 * SECOND, Answer::Unreachable);
        }
        if self.fails(device, Fault::Slow, 0.01) {
            delay += self.dice_of(device, Fault::Slow).between(SECOND, 30 * SECOND);
        }
        self.deliver(from, delay, answer);
    }
}

/// A token as a history names it.
pub fn shown(token: &str) -> String {
    let session = session_of(token).unwrap_or(usize::MAX);
    format!("session {session} generation {}", number_of(token).unwrap_or(0))
}
