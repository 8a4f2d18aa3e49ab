//! The machine as an application sees it.

use super::machine::{Machine, Phase};
use super::output::Output;
use super::refresh::Flight;
use super::snapshot::{EndReason, Snapshot, Status};

impl Machine {
    /// Takes a new snapshot where something in it has changed.
    pub(super) fn look_at_itself(&mut self) {
        let seen = self.seen();
        if seen != self.snapshot {
            self.snapshot = seen;
            self.outputs.push_back(Output::Changed);
        }
    }

    fn seen(&self) -> Snapshot {
        let Some(current) = &self.current else {
            return match self.phase {
                Phase::Loading => Snapshot::new(Status::Loading),
                Phase::Open | Phase::Disposed => Snapshot::new(Status::SignedOut),
                Phase::Ended(reason) => Snapshot {
                    end_reason: Some(reason),
                    ..Snapshot::new(match reason {
                        EndReason::SignedOut => Status::SignedOut,
                        _ => Status::Ended,
                    })
                },
            };
        };
        let status = match self.flight {
            Some(Flight::Sent(_) | Flight::Looking) => Status::Refreshing,
            _ if current.is_alive(self.clock.at()) && !self.may_be_idle() => Status::Active,
            _ => Status::Waiting,
        };
        // While retrying, the next try is what an application can count down to.
        let refresh_at = current.refresh_at.map(|at| at.max(self.retry.not_before));
        let unix = |at: f64| current.unix(at);
        Snapshot {
            status,
            subject: current.subject.clone(),
            expires_at: current.expires_at.map(unix),
            refresh_at: refresh_at.filter(|_| self.can_refresh()).map(unix),
            #[allow(clippy::cast_possible_truncation, reason = "it saturates")]
            session_ends_at: current.entry.session_ends_at.map(|end| (end / 1_000.0) as i64),
            generation: current.entry.generation,
            last_error: self.retry.error.clone(),
            end_reason: None,
        }
    }
}
