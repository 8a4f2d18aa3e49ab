//! The deadlines of the state machine, all in one table.

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timer {
    /// When the tokens should be renewed, or the renewal tried again.
    Refresh,
    /// When the access token is over.
    Expiry,
    /// When a refresh that is under way is given up.
    Request,
    /// When to look once more whether another tab has newer tokens.
    Look,
    /// When a sign-out waits no longer for the server.
    Revocation,
    /// When the session comes near one of its ends, or to it.
    End,
}

const COUNT: usize = 6;

/// The longest delay that `setTimeout` takes, in milliseconds; a longer one fires at once.
pub const LONGEST_DELAY: f64 = 2_147_483_647.0;

/// The deadlines, in the machine's own time.
#[derive(Debug, Default)]
pub(super) struct TimerTable {
    deadlines: [Option<f64>; COUNT],
}

impl TimerTable {
    /// Sets or, with `None`, stops a timer.
    pub(super) fn set(&mut self, timer: Timer, deadline: Option<f64>) {
        if let Some(slot) = self.deadlines.get_mut(timer as usize) {
            *slot = deadline;
        }
    }

    /// Whether a timer was set and is due; a due one is stopped.
    pub(super) fn take_expired(&mut self, timer: Timer, at: f64) -> bool {
        let expired = self.is_expired(timer, at);
        if expired {
            self.set(timer, None);
        }
        expired
    }

    /// Milliseconds until the next deadline, within what `setTimeout` takes.
    pub(super) fn delay(&self, at: f64) -> Option<f64> {
        let next = self.deadlines.iter().flatten().copied().reduce(f64::min)?;
        Some((next - at).clamp(0.0, LONGEST_DELAY))
    }

    fn is_expired(&self, timer: Timer, at: f64) -> bool {
        self.deadlines.get(timer as usize).copied().flatten().is_some_and(|due| at >= due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_deadline_is_waited_for_and_no_longer_than_a_timer_can() {
        let mut timers = TimerTable::default();
        assert_eq!(timers.delay(0.0), None);
        timers.set(Timer::Expiry, Some(30.0 * 86_400_000.0));
        assert_eq!(timers.delay(0.0), Some(LONGEST_DELAY));
        timers.set(Timer::Refresh, Some(500.0));
        assert_eq!(timers.delay(100.0), Some(400.0));
        assert_eq!(timers.delay(900.0), Some(0.0));
    }

    #[test]
    fn a_timer_fires_once() {
        let mut timers = TimerTable::default();
        timers.set(Timer::Look, Some(10.0));
        assert!(!timers.take_expired(Timer::Look, 9.0));
        assert!(timers.take_expired(Timer::Look, 10.0));
        assert!(!timers.take_expired(Timer::Look, 11.0));
    }
}
