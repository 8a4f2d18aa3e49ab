//! Which access tokens were found to stand a moment ago, so that not every request asks the store.

/// How many are remembered; beyond that all are forgotten, and asked for once more.
const MOST: usize = 1000;

/// The tokens, by [`name`](super::access::AccessToken::name), and when each was found to stand.
#[derive(Debug, Default)]
pub struct Recent {
    found: Vec<(String, i64)>,
    changes: u64,
}

impl Recent {
    /// Nothing is known yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { found: Vec::new(), changes: 0 }
    }

    /// Whether the token was found to stand no longer than `staleness` seconds ago.
    #[must_use]
    pub fn stands(&self, name: &str, now: i64, staleness: i64) -> bool {
        let known = self.position(name).ok().and_then(|position| self.found.get(position));
        known.is_some_and(|(_, at)| (0..staleness).contains(&now.saturating_sub(*at)))
    }

    /// How often something was forgotten; see [`Recent::found`].
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Remembers that the token stood at `now`, unless an account changed here since `changes` was
    /// read, before the store was asked.
    pub fn found(&mut self, name: String, now: i64, changes: u64) {
        if changes != self.changes {
            return;
        }
        match self.position(&name) {
            Ok(position) => {
                if let Some((_, at)) = self.found.get_mut(position) {
                    *at = now;
                }
            }
            Err(_) if self.found.len() >= MOST => self.found = vec![(name, now)],
            Err(position) => self.found.insert(position, (name, now)),
        }
    }

    /// Forgets all tokens of an account that changes.
    pub fn forget(&mut self, handle: &str) {
        self.changes = self.changes.wrapping_add(1);
        self.found.retain(|(name, _)| !name.starts_with(handle));
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.found.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_counts_for_as_long_as_it_may() {
        let mut recent = Recent::new();
        recent.found("a.b.c".into(), 100, 0);
        assert!(recent.stands("a.b.c", 100, 5) && recent.stands("a.b.c", 104, 5));
        assert!(!recent.stands("a.b.c", 105, 5));
        assert!(!recent.stands("a.b.c", 99, 5), "a clock that went back");
        assert!(!recent.stands("a.b.c", 100, 0));
        assert!(!recent.stands("a.b.d", 100, 5));
        recent.found("a.b.c".into(), 110, 0);
        assert!(recent.stands("a.b.c", 114, 5));
    }

    #[test]
    fn an_account_that_changes_is_asked_again_also_by_whoever_asked_just_before() {
        let mut recent = Recent::new();
        recent.found("a.b.c".into(), 100, 0);
        recent.found("b.b.c".into(), 100, 0);
        let before = recent.changes();
        recent.forget("a");
        assert!(!recent.stands("a.b.c", 100, 5) && recent.stands("b.b.c", 100, 5));
        recent.found("a.b.c".into(), 100, before);
        assert!(!recent.stands("a.b.c", 100, 5));
        recent.found("a.b.c".into(), 100, recent.changes());
        assert!(recent.stands("a.b.c", 100, 5));
    }

    #[test]
    fn memory_is_bounded() {
        let mut recent = Recent::new();
        for number in 0..=MOST {
            recent.found(number.to_string(), 100, 0);
        }
        assert!(recent.found.len() <= MOST);
        assert!(recent.stands(&MOST.to_string(), 100, 5));
    }
}
