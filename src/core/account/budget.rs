//! How often strangers within the grace are believed: a bucket of 10, refilled 2 an hour.

/// How many units there are at most.
pub const UNITS: i64 = 10;
/// Seconds after which one unit has come back.
pub const REFILL: i64 = 1800;

/// The bucket, as the one instant at which it will be full again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    full_at: i64,
}

impl Budget {
    /// A bucket that is full again at `full_at`.
    #[must_use]
    pub const fn full_at(full_at: i64) -> Self {
        Self { full_at }
    }

    /// When it is full again.
    #[must_use]
    pub const fn when_full(self) -> i64 {
        self.full_at
    }

    /// The bucket with one unit less; `None` where none is left.
    #[must_use]
    pub fn spend(self, now: i64) -> Option<Self> {
        let full_at = self.full_at.max(now).saturating_add(REFILL);
        let affordable = full_at.saturating_sub(now) <= UNITS.saturating_mul(REFILL);
        affordable.then_some(Self { full_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_at_once_and_then_two_an_hour() {
        let now = 1_000_000;
        let mut budget = Budget::default();
        for _ in 0..10 {
            budget = budget.spend(now).unwrap();
        }
        assert_eq!(budget.spend(now), None);
        assert_eq!(budget.spend(now + REFILL - 1), None);
        let budget = budget.spend(now + REFILL).unwrap();
        assert_eq!(budget.spend(now + REFILL), None);
        assert!(budget.spend(now + 3600).is_some());
    }
}
