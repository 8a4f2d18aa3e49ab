//! Peers that keep sending what nobody here made: refused for a while, and never by session, so that
//! nobody can have somebody else's session refused.

/// How many wrong ones a peer may send at once.
const BURST: i64 = 20;
/// Seconds after which it may send one more.
const REFILL: i64 = 3;
/// How many peers are watched; beyond that those who sent the least are forgotten.
const MOST: usize = 256;

/// The peers, and what each may still send.
#[derive(Debug, Default)]
pub struct Throttle {
    peers: Vec<Peer>,
}

#[derive(Debug)]
struct Peer {
    address: String,
    /// When it may send a whole burst again.
    free_at: i64,
    /// Whether its first refusal was told.
    told: bool,
}

/// A peer that sent too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an answer")]
pub struct Throttled {
    /// Whether this is the first one in a row.
    pub first: bool,
    /// Seconds after which it may send one more.
    pub retry_after: u32,
}

impl Throttle {
    /// Nobody is watched yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { peers: Vec::new() }
    }

    /// Counts something wrong from this peer.
    ///
    /// # Errors
    /// Where it was one too many.
    pub fn count(&mut self, address: &str, now: i64) -> Result<(), Throttled> {
        let most = BURST.saturating_mul(REFILL);
        // A clock that went back makes nobody wait longer.
        self.peers.retain(|peer| (1..=most).contains(&peer.free_at.saturating_sub(now)));
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.address == address) else {
            if self.peers.len() >= MOST {
                self.forget_harmless();
            }
            let free_at = now.saturating_add(REFILL);
            self.peers.push(Peer { address: String::from(address), free_at, told: false });
            return Ok(());
        };
        let free_at = peer.free_at.saturating_add(REFILL);
        let excess = free_at.saturating_sub(now).saturating_sub(most);
        if excess > 0 {
            let first = !std::mem::replace(&mut peer.told, true);
            return Err(Throttled { first, retry_after: u32::try_from(excess).unwrap_or(1) });
        }
        peer.free_at = free_at;
        peer.told = false;
        Ok(())
    }

    fn forget_harmless(&mut self) {
        let harmless = self.peers.iter().map(|peer| peer.free_at).min().unwrap_or(0);
        self.peers.retain(|peer| peer.free_at > harmless);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_at_once_and_then_one_every_three_seconds() {
        let mut throttle = Throttle::new();
        for _ in 0..20 {
            assert_eq!(throttle.count("a", 1000), Ok(()));
        }
        let refused = |first, retry_after| Err(Throttled { first, retry_after });
        assert_eq!(throttle.count("a", 1000), refused(true, 3));
        assert_eq!(throttle.count("a", 1001), refused(false, 2));
        assert_eq!(throttle.count("b", 1001), Ok(()), "somebody else");
        assert_eq!(throttle.count("a", 1003), Ok(()));
        assert_eq!(throttle.count("a", 1003), refused(true, 3));
        assert_eq!(throttle.count("a", 2000), Ok(()));
        assert_eq!(throttle.count("a", 900), Ok(()), "a clock that went back");
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_remembered() {
        let mut throttle = Throttle::new();
        for _ in 0..20 {
            assert_eq!(throttle.count("worst", 1000), Ok(()));
        }
        for number in 0..1000 {
            assert_eq!(throttle.count(&number.to_string(), 1000), Ok(()));
            assert!(throttle.peers.len() <= MOST);
        }
        assert!(throttle.count("worst", 1000).is_err());
    }
}
