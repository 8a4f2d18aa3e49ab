//! When to try again: 1, 2, 4 … 60 s, never in step with others, never before the server asked.

/// The longest pause between two tries, in seconds.
const LONGEST: f64 = 60.0;

/// The longest pause that a server may ask for, in seconds; more is a mistake.
const LONGEST_ASKED: f64 = 86_400.0;

/// Milliseconds to wait after `failures` failures in a row. The jitter only ever adds.
pub(super) fn delay(failures: u32, asked: Option<f64>, noise: &mut Noise) -> f64 {
    let doublings = failures.saturating_sub(1).min(6);
    let own = f64::from(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST);
    let asked = asked.filter(|asked| *asked > 0.0).unwrap_or(0.0).min(LONGEST_ASKED);
    own.max(asked) * 1_000.0 * (1.0 + noise.next() / 4.0)
}

/// Cheap pseudo-random numbers, for spreading and never for secrets.
#[derive(Debug)]
pub(super) struct Noise(u32);

impl Noise {
    /// Numbers that follow from `seed`.
    pub(super) const fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9) | 1)
    }

    /// The next number, from 0 up to but not including 1 (xorshift32).
    pub(super) fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        f64::from(self.0) / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_only_grow_by_jitter() {
        let mut noise = Noise::new(7);
        for (failures, seconds) in
            [(0, 1.0), (1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (4_000_000_000, 60.0)]
        {
            let delay = delay(failures, None, &mut noise);
            assert!((seconds * 1e3..seconds * 1.25e3).contains(&delay), "{failures} {delay}");
        }
    }

    #[test]
    fn what_the_server_asks_is_obeyed_within_reason() {
        let mut noise = Noise::new(7);
        assert!(delay(1, Some(30.0), &mut noise) >= 30_000.0);
        assert!(delay(1, Some(1e300), &mut noise) <= 1.25e3 * 86_400.0);
        assert!(delay(1, Some(-5.0), &mut noise) >= 1_000.0);
    }

    #[test]
    fn noise_is_spread_evenly() {
        for seed in [0, 1, 2, u32::MAX] {
            let mut noise = Noise::new(seed);
            let mean = (0..10_000).map(|_| noise.next()).sum::<f64>() / 10_000.0;
            assert!((0.48..0.52).contains(&mean), "{seed} {mean}");
        }
    }
}
