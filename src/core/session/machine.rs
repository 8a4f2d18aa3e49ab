//! The state machine itself: what each input means, and what time brings.

use std::collections::VecDeque;

use super::backoff::Noise;
use super::callers::Waiting;
use super::clock::{Clock, Now};
use super::current::Current;
use super::ends::Ends;
use super::entry::{Farewell, Found, Item};
use super::input::{Caller, Input};
use super::output::{Event, Output};
use super::past::Past;
use super::refresh::{Flight, Retry};
use super::settings::Settings;
use super::sign::{SignIn, SignOut};
use super::snapshot::{EndReason, Snapshot, Status};
use super::timer::{Timer, TimerTable};
use super::token::Entropy;
use crate::core::error::{Code, Error};

/// A client's session.
#[derive(Debug)]
pub struct Machine {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) timers: TimerTable,
    pub(super) noise: Noise,
    pub(super) outputs: VecDeque<Output>,
    pub(super) phase: Phase,
    pub(super) current: Option<Current>,
    pub(super) flight: Option<Flight>,
    /// When the last refresh was sent.
    pub(super) sent: Past,
    pub(super) retry: Retry,
    pub(super) ends: Ends,
    pub(super) callers: Vec<Waiting>,
    /// Refreshes that a sign-out overtook: what they bring is revoked.
    pub(super) orphans: Vec<u32>,
    /// Who waits for a revocation.
    pub(super) revoking: Vec<Caller>,
    pub(super) reads: Vec<(u32, Then)>,
    pub(super) sessions: u32,
    /// Whether what storage holds is to be renewed as soon as it is found.
    pub(super) renews_at_start: bool,
    numbered: u32,
    pub(super) snapshot: Snapshot,
}

/// What there is besides a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Loading,
    Open,
    Ended(EndReason),
    Disposed,
}

/// Why storage is being read.
#[derive(Debug)]
pub(super) enum Then {
    /// To start with what it holds.
    Load,
    /// To see what other tabs did, and to end as they said where they ended the session.
    Look(Option<Farewell>),
    /// To send a refresh, unless another tab was faster.
    Send,
    /// To keep what a refresh brought.
    Keep(SignIn),
    /// To see whether the session that seemed to be over is.
    Gone(EndReason),
    /// To end in time, unless another tab was used meanwhile.
    End,
    /// To see who superseded us; `true` where that was waited for.
    Superseded(bool),
    /// To make sure that it is this session which is over.
    Over(EndReason),
    /// To keep what the application signed in with.
    SignIn(Caller, SignIn),
    /// To keep a token that came along with an answer, unless there is a newer one.
    Pass(SignIn),
    /// To begin with what a cookie says, unless there is a session.
    Jar(u64, Entropy),
    /// To let whoever finds it there know that nobody knows how old it is.
    Distrust,
    /// To forget all of it.
    SignOut(SignOut),
}

/// How this client came to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Load,
    SignIn,
    Refresh,
    AnotherTab,
}

/// How what is stored stands to what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Same,
    Newer,
    Gone,
}

impl Machine {
    /// A machine that has not been told anything yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            noise: Noise::new(settings.seed),
            settings,
            clock: Clock::default(),
            timers: TimerTable::default(),
            outputs: VecDeque::new(),
            phase: Phase::Loading,
            current: None,
            flight: None,
            sent: Past::default(),
            retry: Retry::default(),
            ends: Ends::default(),
            callers: Vec::new(),
            orphans: Vec::new(),
            revoking: Vec::new(),
            reads: Vec::new(),
            sessions: 0,
            renews_at_start: false,
            numbered: 0,
            snapshot: Snapshot::new(Status::Loading),
        }
    }

    /// Takes in what happened at `now`; outputs wait to be polled.
    pub fn handle_input(&mut self, input: Input, now: Now) {
        self.clock.observe(now);
        if self.phase == Phase::Disposed {
            return self.turn_away(&input);
        }
        if self.clock.was_set_back() {
            self.distrust();
            self.note_anew();
        }
        match input {
            Input::Start => self.read(Then::Load),
            Input::Stored { read, items } => self.stored(read, &items),
            Input::AutoRefresh(on) => self.settings.auto_refresh = on,
            Input::Wake => {}
            Input::Dispose => return self.dispose(),
            later => self.take_in(later),
        }
        self.pass_time();
        self.serve();
        self.schedule();
        self.look_at_itself();
    }

    /// What does not happen at start. Apart from the rest, since hosts compile a function when it first runs.
    #[inline(never)]
    fn take_in(&mut self, input: Input) {
        match input {
            Input::StorageFailed => self.go_on_in_memory(),
            Input::StorageChanged => self.read(Then::Look(None)),
            Input::Said(pointer) => self.read(Then::Look(Farewell::parse(&pointer))),
            Input::Tokens { caller, json, entropy } => self.sign_in(caller, &json, &entropy),
            Input::Ask { caller, min_validity, force } => self.ask(caller, min_validity, force),
            Input::Unauthorized { caller, used, challenge } => {
                self.unauthorized(caller, used, challenge.as_deref());
            }
            Input::Replayed { used, accepted } => self.replayed(used, accepted),
            Input::Answered { flight, answer, entropy } => {
                self.answered(flight, &answer, &entropy);
            }
            Input::SignOut { caller, revoke } => self.sign_out(caller, revoke),
            Input::Revoked { caller, accepted } => self.revoked(caller, accepted),
            Input::Online => self.retry.come_back(self.clock.at()),
            Input::Alone => self.alone(),
            Input::Jar { generation, entropy } => self.read(Then::Jar(generation, entropy)),
            Input::Passed { used, token, entropy } => self.passed(used, token, entropy),
            Input::Active => self.active(),
            Input::Start
            | Input::Stored { .. }
            | Input::AutoRefresh(_)
            | Input::Wake
            | Input::Dispose => {}
        }
    }

    /// The next thing to do. `Output::Wait` comes last, and again until there is another input.
    pub fn poll_output(&mut self) -> Output {
        let next = self.outputs.pop_front();
        next.unwrap_or_else(|| Output::Wait(self.timers.delay(self.clock.at())))
    }

    /// The session as it stands.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The claims of the access token at hand, as JSON; they were not verified here.
    #[must_use]
    pub fn claims_json(&self) -> Option<&str> {
        self.current.as_ref()?.claims.as_deref()
    }

    /// Whether an access token may travel to `origin`.
    #[must_use]
    pub fn may_see(&self, origin: &str) -> bool {
        // "null" is what all opaque origins call themselves, so it names nobody.
        origin != "null" && self.settings.origins.iter().any(|allowed| allowed == origin)
    }

    /// Asks for storage, and remembers why.
    pub(super) fn read(&mut self, then: Then) {
        let read = self.number();
        let in_turn = matches!(then, Then::Send);
        self.reads.push((read, then));
        self.outputs.push_back(Output::Read { read, in_turn });
    }

    /// The same, for the refresh that is under way.
    pub(super) fn read_on(&mut self, then: Then) {
        self.read(then);
        self.flight = Some(Flight::Reading(self.numbered));
    }

    pub(super) fn is_reading(&self) -> bool {
        !self.reads.is_empty()
    }

    pub(super) const fn number(&mut self) -> u32 {
        self.numbered = self.numbered.wrapping_add(1);
        self.numbered
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn stored(&mut self, read: u32, items: &[Item]) {
        let Some(position) = self.reads.iter().position(|(number, _)| *number == read) else {
            return;
        };
        let (_, then) = self.reads.remove(position);
        // Where it is not, something else came while storage was read, and another refresh since.
        let awaited = self.flight == Some(Flight::Reading(read));
        if awaited {
            self.flight = None;
        }
        let found = Found::among(&self.settings.storage_key, items);
        if found == Found::Unknown {
            self.detach();
        }
        match then {
            Then::Load => self.load(found),
            then => self.go_on(then, awaited, found, items),
        }
    }

    /// What storage was read for, but at start.
    #[inline(never)]
    fn go_on(&mut self, then: Then, awaited: bool, found: Found, items: &[Item]) {
        match then {
            Then::Load => {}
            Then::Look(farewell) => self.look(farewell.as_ref(), found, items),
            Then::End => self.end_in_time(found, items),
            Then::Keep(kept) => self.keep(&kept, awaited, found, items),
            Then::Over(reason) => self.over(reason, awaited, found, items),
            Then::SignIn(caller, kept) => self.keep_sign_in(caller, kept, found, items),
            Then::Pass(kept) => self.pass(&kept, found, items),
            Then::Distrust => self.store_distrusted(found),
            Then::Jar(generation, entropy) => self.take_jar(generation, &entropy, &found),
            Then::SignOut(sign_out) => self.forget(&sign_out, found, items),
            Then::Send if awaited => self.send_unless_newer(found),
            Then::Superseded(waited) if awaited => self.superseded(waited, found),
            Then::Gone(reason) if awaited => self.gone(reason, found, items),
            Then::Send | Then::Superseded(_) | Then::Gone(_) => {}
        }
    }

    fn load(&mut self, found: Found) {
        if self.phase != Phase::Loading {
            return;
        }
        self.phase = Phase::Open;
        // Whoever asked before did not ask for a session that is replaced by this one.
        let early = std::mem::take(&mut self.callers);
        if let Found::Session(entry) = found {
            self.adopt(entry, By::Load);
        }
        if self.renews_at_start {
            self.refresh();
        }
        for Waiting { caller, want } in early {
            self.ask(caller, want.min_validity, want.force);
        }
    }

    fn pass_time(&mut self) {
        let at = self.clock.at();
        if self.timers.take_expired(Timer::Request, at) {
            self.give_up();
        }
        if self.timers.take_expired(Timer::Look, at) {
            let then = match self.flight {
                Some(Flight::Looking) => Some(Then::Superseded(true)),
                Some(Flight::Doubting(reason)) => Some(Then::Gone(reason)),
                _ => None,
            };
            if let Some(then) = then {
                self.read_on(then);
            }
        }
        if self.timers.take_expired(Timer::Revocation, at) {
            self.give_up_revoking();
        }
        self.watch_ends();
        let can_refresh = self.can_refresh();
        let ending = self.reads.iter().any(|(_, then)| matches!(then, Then::Over(_)));
        let Some(current) = &mut self.current else { return };
        if !can_refresh && current.refused.is_none() && current.is_due(at) {
            let reason = EndReason::Expired;
            current.refused = Some(reason);
            self.outputs.push_back(Output::Event(Event::Expiring { reason }));
        }
        match current.refused {
            Some(reason) if !current.is_alive(at) && !ending => self.read(Then::Over(reason)),
            None if self.settings.auto_refresh && current.is_due(at) => self.refresh(),
            _ => {}
        }
    }

    fn schedule(&mut self) {
        let idle = self.flight.is_none() && !self.waits_for_its_end();
        let auto = self.settings.auto_refresh || !self.can_refresh();
        let current = self.current.as_ref();
        let due = current.filter(|current| idle && auto && current.refused.is_none());
        let due =
            due.and_then(|current| current.refresh_at).map(|at| at.max(self.retry.not_before));
        let expiry = current.and_then(|current| current.expires_at);
        self.timers.set(Timer::Refresh, due);
        self.timers.set(Timer::End, self.ends_due());
        self.timers.set(Timer::Expiry, expiry.filter(|end| *end > self.clock.at()));
        if !matches!(self.flight, Some(Flight::Sent(_))) {
            self.timers.set(Timer::Request, None);
        }
        if !matches!(self.flight, Some(Flight::Looking | Flight::Doubting(_))) {
            self.timers.set(Timer::Look, None);
        }
        if self.revoking.is_empty() {
            self.timers.set(Timer::Revocation, None);
        }
    }

    fn dispose(&mut self) {
        self.outputs.retain(|output| {
            use Output::{Done, Grant, HandOn, Refuse, Revoke};
            // A revocation too: whoever signed out and left is to be signed out.
            matches!(
                output,
                Done { .. } | Grant { .. } | HandOn { .. } | Refuse { .. } | Revoke { .. }
            )
        });
        if let Some(Flight::Sent(flight)) = self.flight.take() {
            self.outputs.push_back(Output::Abort { flight });
        }
        for waiting in std::mem::take(&mut self.callers) {
            self.outputs.push_back(Output::Refuse { caller: waiting.caller, error: DISPOSED });
        }
        for (_, then) in std::mem::take(&mut self.reads) {
            if let Then::SignIn(caller, _) | Then::SignOut(SignOut { caller, .. }) = then {
                self.outputs.push_back(Output::Refuse { caller, error: DISPOSED });
            }
        }
        let done = std::mem::take(&mut self.revoking).into_iter();
        self.outputs.extend(done.map(|caller| Output::Done { caller }));
        self.current = None;
        self.timers = TimerTable::default();
        self.phase = Phase::Disposed;
    }

    fn turn_away(&mut self, input: &Input) {
        match *input {
            Input::Ask { caller, .. }
            | Input::Tokens { caller, .. }
            | Input::SignOut { caller, .. } => {
                self.outputs.push_back(Output::Refuse { caller, error: DISPOSED });
            }
            Input::Unauthorized { caller, .. } => self.outputs.push_back(Output::HandOn { caller }),
            _ => {}
        }
    }
}

const DISPOSED: Error =
    Error::new(Code::NotReady, "this client was disposed of; create another one");
