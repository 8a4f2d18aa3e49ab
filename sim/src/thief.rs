//! Thieves, who copy what opens a session and use it at a time of their own.

use evertoken::core::json::Object;
use evertoken::core::session::Answer;

use crate::names::session_of;
use crate::plan::{DAY, Fault, HOUR, MINUTE, SECOND};
use crate::server::{GRACE, Refresh, Seen};
use crate::world::{Event, Sender, World};

pub struct Thief {
    session: usize,
    token: String,
    attempt: Option<String>,
    /// Whether it makes attempts of its own, as a client does.
    makes_attempts: bool,
    period: i64,
    refused: u32,
    /// When it first and last got tokens.
    first: Option<i64>,
    last: i64,
    /// The victim's refreshes since, away from its own.
    refreshes: usize,
    /// When those were of which the store still knows.
    known: Vec<i64>,
    seen: bool,
    unseen: bool,
    /// Whether it got tokens from a store that had forgotten the victim's refreshes.
    forgotten: bool,
    done: bool,
}

impl World {
    /// Somebody may read a request on its way.
    pub fn steal(&mut self, device: usize, refresh: &Refresh) {
        if self.fails(device, Fault::Theft, 0.0002) {
            let attempt = refresh.attempt.clone();
            let whole = self.dice_of(device, Fault::Theft).chance(0.6);
            self.break_in(device, &refresh.token, attempt.filter(|_| whole));
        }
    }

    /// Somebody may copy all that a device stores.
    pub fn steal_storage(&mut self, device: usize) {
        if !self.fails(device, Fault::Theft, 0.0001) {
            return;
        }
        let newest = self.devices[device].storage.items.iter().rev().find_map(|item| {
            let object = Object::parse(item.value.as_bytes())?;
            let text = |name| object.string(name).map(String::from);
            text("refresh_token").zip(text("attempt"))
        });
        if let Some((token, attempt)) = newest {
            self.break_in(device, &token, Some(attempt));
        }
    }

    fn break_in(&mut self, device: usize, token: &str, attempt: Option<String>) {
        let Some(session) = session_of(token) else { return };
        self.sessions[session].stolen = true;
        self.tally.thefts += 1;
        let dice = self.dice_of(device, Fault::Theft);
        let wait = dice.pick(&[SECOND, 10 * SECOND, 5 * MINUTE, HOUR, DAY]);
        let wait = dice.span(wait);
        let period = dice.pick(&[10 * SECOND, 4 * MINUTE, HOUR, 10 * HOUR]);
        let makes_attempts = dice.chance(0.5);
        let thief = self.thieves.len();
        let with = if attempt.is_some() { "with" } else { "without" };
        self.say(|| {
            let what = crate::network::shown(token);
            format!("thief {thief} copies {what} from device {device}, {with} its attempt")
        });
        self.thieves.push(Thief {
            session,
            token: token.into(),
            attempt,
            makes_attempts,
            period,
            refused: 0,
            first: None,
            last: 0,
            refreshes: 0,
            known: Vec::new(),
            seen: false,
            unseen: false,
            forgotten: false,
            done: false,
        });
        self.after(wait, Event::Thief(thief));
    }

    pub fn thief(&mut self, thief: usize) {
        let it = &self.thieves[thief];
        if it.done {
            return;
        }
        let attempt = it.attempt.clone().filter(|_| self.plan.attempts);
        let refresh = Refresh { token: it.token.clone(), attempt, instance: 0, round: 0 };
        let instance = self.server.dice.below(3);
        self.request(Sender::Thief(thief), Refresh { instance, ..refresh });
    }

    pub fn thief_hears(&mut self, thief: usize, answer: &Answer) {
        let Answer::Http { status, body, .. } = answer else { return };
        let object = Object::parse(body.as_bytes()).unwrap_or_default();
        let attempt = format!("{:022x}", self.server.dice.next());
        let it = &mut self.thieves[thief];
        let mut pause = it.period;
        if let Some(token) = object.string("refresh_token") {
            it.token = token.into();
            it.attempt = it.makes_attempts.then_some(attempt);
        } else if *status == 503 || object.string("code") == Some("superseded") {
            it.refused += 1;
            it.done = it.refused > 4;
            pause = MINUTE;
        } else {
            it.done = true;
        }
        if !it.done {
            let pause = SECOND + self.server.dice.span(pause);
            self.after(pause, Event::Thief(thief));
        }
    }

    /// Counts how long thieves go unseen, and sees who is taken for one.
    pub fn judge(&mut self, session: usize, from: Sender, seen: Seen) {
        use Seen::{Believed, Repeated, Reuse, RolledForward, Rotated, Superseded};
        let at = self.at;
        let tokens = matches!(seen, Rotated | RolledForward | Repeated | Believed);
        self.tally.count(seen);
        // A rollback is told of, too: nobody knows what was lost with it.
        let tells = matches!(seen, Believed | Superseded | Reuse | RolledForward);
        let mut unseen = false;
        for (number, thief) in self.thieves.iter_mut().enumerate() {
            if thief.session != session || thief.seen {
                continue;
            }
            let own = from == Sender::Thief(number);
            if thief.first.is_some() && tells {
                thief.seen = true;
                self.tally.found(thief.refreshes);
            } else if own && tokens {
                if thief.first.is_some() && thief.refreshes >= 3 {
                    if thief.known.len() >= 3 {
                        unseen |= !std::mem::replace(&mut thief.unseen, true);
                    } else {
                        thief.forgotten = true;
                    }
                }
                thief.first.get_or_insert(at);
                thief.last = at;
            } else if thief.first.is_some()
                && matches!(from, Sender::Tab { .. })
                && seen == Rotated
                && at - thief.last > (GRACE + 5) * SECOND
            {
                // What a restored store could not know it is to tell as soon as the victim comes.
                unseen |= thief.forgotten && !std::mem::replace(&mut thief.unseen, true);
                thief.refreshes += 1;
                thief.known.push(at);
            }
        }
        if unseen {
            self.unseen(session);
        }
        if seen == Reuse && !matches!(from, Sender::Thief(_)) {
            self.accused(session);
        }
    }

    /// The store went back, so that nobody can tell a thief by what it has forgotten.
    pub fn forget_refreshes(&mut self, since: i64) {
        for thief in &mut self.thieves {
            thief.known.retain(|at| *at <= since);
        }
    }

    pub fn close_thieves(&mut self) {
        for thief in &self.thieves {
            match thief.first {
                None => self.tally.never_used += 1,
                Some(_) if thief.seen => {}
                Some(_) => {
                    self.tally.gave_up += 1;
                    self.tally.forgotten += u64::from(thief.forgotten && !thief.unseen);
                }
            }
        }
    }
}
