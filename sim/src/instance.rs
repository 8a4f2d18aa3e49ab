//! One of the server's instances: a clock of its own, and the secrets that it was deployed with.

use evertoken::core::account::codec::Secrets;
use evertoken::core::secret::Secret;

/// Unix seconds at which every world begins, on a Monday.
pub const EPOCH: i64 = 1_700_006_400;

pub struct Instance {
    /// Seconds by which its clock is off.
    pub skew: i64,
    pub secrets: Secrets,
    /// How often it was deployed.
    epoch: u8,
}

impl Instance {
    pub fn new(skew: i64) -> Self {
        Self { skew, secrets: secrets(0), epoch: 0 }
    }

    /// What its clock says, in seconds.
    pub const fn clock(&self, at: i64) -> i64 {
        EPOCH + at / 1_000 + self.skew
    }
}

/// One more step of a rolling deploy: secrets are added everywhere before any of them seals.
pub fn deploy(instances: &mut [Instance]) {
    if let Some(instance) = instances.iter_mut().min_by_key(|it| it.epoch) {
        instance.epoch += 1;
        instance.secrets = secrets(instance.epoch);
    }
}

/// Those of an instance that was deployed so many times: known first, sealing one deploy later.
fn secrets(epoch: u8) -> Secrets {
    let newest = epoch.div_ceil(2);
    let seals = epoch / 2;
    let mut known: Vec<u8> = (0..=newest).collect();
    known.sort_by_key(|it| *it != seals);
    let known: Vec<_> = known.into_iter().map(|it| Secret::new(vec![it; 32])).collect();
    Secrets::new(&known).expect("secrets of 32 bytes")
}
