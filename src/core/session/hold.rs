//! The session that is held, against what is stored: taken up, replaced, forgotten.

use super::current::{Current, TOLERATED};
use super::entry::{Entry, Farewell, Found, Item, Used, all_of, older, superfluous};
use super::input::Stamp;
use super::machine::{By, Machine, Phase, Standing, Then};
use super::output::{Event, Output};
use super::refresh::{Flight, Retry};
use super::snapshot::EndReason;
use super::timer::Timer;
use crate::core::error::{Code, Error};

impl Machine {
    /// Takes over what other tabs did.
    pub(super) fn reconcile(&mut self, found: Found) -> Standing {
        let login = self.current.as_ref().map(|current| &current.entry.login);
        let used = match &found {
            Found::Session(entry) if Some(&entry.login) == login => entry.used,
            _ => None,
        };
        let standing = self.compare(found);
        // Only then is it known how long ago that is.
        self.used_elsewhere(used);
        standing
    }

    fn compare(&mut self, found: Found) -> Standing {
        match (found, &mut self.current) {
            (Found::Session(entry), Some(current)) if entry.login == current.entry.login => {
                if entry.generation > current.entry.generation {
                    self.adopt(entry, By::AnotherTab);
                    return Standing::Newer;
                }
                if entry.generation == current.entry.generation {
                    // Two tabs that got one answer both stored it. What stands there is what all
                    // of them send: else their attempts part, and one passes for a thief.
                    current.entry.attempt = entry.attempt;
                    current.entry.refresh_token = entry.refresh_token;
                }
                Standing::Same
            }
            (Found::Session(entry), _) => {
                self.adopt(entry, By::AnotherTab);
                Standing::Gone
            }
            (Found::Nothing, Some(_)) => {
                if !matches!(self.flight, Some(Flight::Sent(_))) {
                    self.doubt(EndReason::Storage);
                }
                Standing::Gone
            }
            (Found::Nothing | Found::Unknown, _) => Standing::Same,
        }
    }

    /// Another tab changed something; where it ended the session it said why.
    pub(super) fn look(&mut self, farewell: Option<&Farewell>, found: Found, items: &[Item]) {
        let held = self.current.as_ref().map(|current| &current.entry.login);
        let ended = farewell.filter(|farewell| Some(&farewell.login) == held);
        let Some(Farewell { login, reason }) = ended.filter(|_| found == Found::Nothing) else {
            // Somebody may have signed in since.
            self.reconcile(found);
            return;
        };
        // What this tab wrote before it heard of it.
        self.remove(login, items);
        self.end(*reason);
    }

    /// The session seems to be over. That is not known before other tabs had the time to store what
    /// they got, or to say why they took it away.
    pub(super) fn doubt(&mut self, reason: EndReason) {
        self.flight = Some(Flight::Doubting(reason));
        self.timers.set(Timer::Look, Some(self.clock.at() + PATIENCE));
    }

    /// Nobody said anything.
    pub(super) fn gone(&mut self, reason: EndReason, found: Found, items: &[Item]) {
        let missing = found == Found::Nothing;
        if self.current.is_none() || (!missing && self.reconcile(found) != Standing::Same) {
            return;
        }
        if missing {
            self.clear(items, reason);
            self.end(reason);
        } else if reason != EndReason::Storage {
            self.conclude(reason, items);
        }
    }

    /// Removes what is stored of one sign-in but for its name.
    pub(super) fn remove(&mut self, login: &str, items: &[Item]) {
        let remove = all_of(&self.settings.storage_key, items, login);
        if !remove.is_empty() {
            self.outputs.push_back(Output::Write { set: Vec::new(), remove });
        }
    }

    /// The wall clock was set back, and the other one may have slept: how old the access token is
    /// nobody knows, least of all whoever finds it in storage later.
    pub(super) fn distrust(&mut self) {
        let (at, wall) = (self.clock.at(), self.clock.wall());
        let can_refresh = self.can_refresh();
        let Some(current) = &mut self.current else { return };
        current.received.take_back(&self.clock);
        let Some((end, life)) = current.expires_at.as_mut().zip(current.entry.life) else { return };
        let age = if can_refresh {
            *end = end.min(at);
            current.refresh_at = Some(at);
            current.entry.life = Some(0.0);
            at - current.received.known_at()
        } else {
            // There is no other: it is kept for as long as this tab thinks.
            life * 1_000.0 - (*end - at)
        };
        current.entry.received_when(wall - age);
        self.read(Then::Distrust);
    }

    pub(super) fn store_distrusted(&mut self, found: Found) {
        let Found::Session(Entry { generation, .. }) = found else { return };
        self.reconcile(found);
        let is_last = !self.can_refresh();
        let Some(current) = &self.current else { return };
        if current.entry.generation == generation && (is_last || current.entry.life == Some(0.0)) {
            let set = vec![current.entry.item(&self.settings.storage_key)];
            self.outputs.push_back(Output::Write { set, remove: Vec::new() });
        }
    }

    /// Goes on with `entry`.
    pub(super) fn adopt(&mut self, mut entry: Entry, by: By) {
        let held = self.current.as_ref().map(|current| &current.entry);
        let held = held.filter(|held| held.login == entry.login);
        let same_login = held.is_some();
        if held.is_some_and(|held| held.generation == entry.generation) {
            return;
        }
        if same_login {
            self.learn_use(&entry);
        }
        let mut generation = entry.generation;
        if let Some(held) = self
            .current
            .as_ref()
            .filter(|it| it.entry.login == entry.login && entry.access_token.expose().is_empty())
        {
            // Storage had no room for it. Whoever has one need not ask for another yet, and still
            // knows what was refused.
            generation = held.stamp.generation;
            entry.access_token = held.entry.access_token.clone();
            entry.received_at = held.entry.received_at;
            entry.life = held.entry.life;
        }
        if !same_login {
            self.drop_callers(EndReason::Replaced);
            self.sessions = self.sessions.wrapping_add(1);
        }
        // What was under way is not needed any more. An answer of the generation before would even
        // be counted as the one after this.
        if let Some(Flight::Sent(flight)) = self.flight.take() {
            self.outputs.push_back(Output::Abort { flight });
        }
        let stamp = Stamp { session: self.sessions, generation };
        if !same_login {
            self.begin_ends(entry.used);
        }
        // The clock was set back while nobody looked.
        let is_to_come = entry.received_at > self.clock.wall() + TOLERATED;
        let mut current = Current::new(entry, stamp, &self.clock, &self.settings, &mut self.noise);
        current.jumps = (by != By::Load).then(|| self.clock.jumps());
        self.current = Some(current);
        self.phase = Phase::Open;
        if is_to_come {
            self.distrust();
        }
        if by == By::Load && self.settings.lazy_start {
            self.wait_for_somebody();
        }
        self.retry = self.retry.renewed();
        match by {
            By::Load => {}
            By::SignIn => self.tell(Event::SignedIn),
            By::AnotherTab if !same_login => self.tell(Event::SessionChanged),
            By::Refresh | By::AnotherTab => self.tell(Event::Refreshed),
        }
        self.grant_waiting();
    }

    /// What is due already is renewed when somebody asks.
    fn wait_for_somebody(&mut self) {
        let at = self.clock.at();
        let Some(current) = &mut self.current else { return };
        current.refresh_at = current.refresh_at.filter(|due| at < *due);
    }

    /// Stores `entry` as the newest and goes on with it.
    pub(super) fn store(&mut self, mut entry: Entry, items: &[Item], by: By) {
        let key = &self.settings.storage_key;
        let (set, remove) = if matches!(by, By::SignIn | By::AnotherTab) {
            let remove = superfluous(key, items, Some(&entry));
            (self.first_items(&mut entry), remove)
        } else {
            // Nothing but its own: another tab may just have signed out, or somebody else in.
            (vec![entry.item(key)], older(key, items, &entry.login, entry.generation))
        };
        self.outputs.push_back(Output::Write { set, remove });
        self.adopt(entry, by);
    }

    /// What begins a sign-in. Where its use is watched there must be room for a note of that as well: tabs that cannot
    /// tell each other of use would end it for want of use.
    pub(super) fn first_items(&self, entry: &mut Entry) -> Vec<Item> {
        let key = &self.settings.storage_key;
        let mut items = entry.items(key);
        if self.settings.idle_timeout.is_some() {
            let wall = self.clock.wall().trunc();
            let used = Used { at: wall, late: None };
            entry.used = Some(used);
            items.insert(0, entry.used_item(key, used));
        }
        items
    }

    /// Forgets the session; what is stored is its caller's to remove.
    pub(super) fn end(&mut self, reason: EndReason) {
        if let Some(Flight::Sent(flight)) = self.flight.take() {
            self.orphans.push(flight);
        }
        self.current = None;
        self.phase = Phase::Ended(reason);
        self.retry = Retry::default();
        self.drop_callers(reason);
        self.tell(Event::Ended { reason });
    }

    /// Removes all that is stored, and tells the other tabs why.
    pub(super) fn clear(&mut self, items: &[Item], reason: EndReason) {
        let key = &self.settings.storage_key;
        let set = Farewell::to(key, items, reason).into_iter().collect();
        let remove = superfluous(key, items, None);
        self.outputs.push_back(Output::Write { set, remove });
    }

    /// Goes on in memory.
    pub(super) fn detach(&mut self) {
        self.outputs.push_back(Output::Detach);
        if let Some(current) = &self.current {
            let mut set = current.entry.items(&self.settings.storage_key);
            set.extend(self.note());
            self.outputs.push_back(Output::Write { set, remove: Vec::new() });
        }
        self.tell(Event::Warning { error: NO_STORAGE });
    }

    pub(super) fn go_on_in_memory(&mut self) {
        self.detach();
        // What was asked of the storage that failed is asked of the memory that holds all now.
        let reads = self.reads.iter().map(|(read, _)| Output::Read { read: *read, in_turn: false });
        self.outputs.extend(reads);
    }
}

/// For how long a session that seems to be over is kept, in milliseconds: the events of other tabs
/// come later than what they tell of.
pub(super) const PATIENCE: f64 = 1_000.0;

const NO_STORAGE: Error = Error::new(
    Code::Store,
    "the browser's storage cannot be used, so the session lives in memory and ends with this page",
);
