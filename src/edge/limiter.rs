//! The handle behind `createAttemptLimiter`.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::store::{Rounds, Store};
use crate::core::account::lockout::{Attempts, Bounds, TOO_MANY, Taken, name};
use crate::core::error::Error;
use crate::shell::host::{Clock, promise};
use crate::shell::options::Options;

/// A year, in seconds: whoever is locked out for longer is banned, and that is another list.
const LONGEST: f64 = 31_536_000.0;

/// A limiter of attempts.
#[wasm_bindgen]
pub struct AttemptLimiter {
    desk: Rc<Limiter>,
}

struct Limiter {
    store: Store,
    bounds: Bounds,
    clock: Clock,
}

#[wasm_bindgen]
impl AttemptLimiter {
    /// Reads the options of `createAttemptLimiter`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self { desk: Rc::new(Limiter::read(options)?) })
    }

    /// Promises that one more attempt may be made, which is counted already.
    pub fn take(&self, key: &str) -> Promise {
        let (limiter, name) = (Rc::clone(&self.desk), named(key));
        promise(async move { Ok(limiter.take(&name?).await.map(|()| JsValue::UNDEFINED)?) })
    }

    /// Promises that no attempt counts any more.
    pub fn reset(&self, key: &str) -> Promise {
        let (limiter, name) = (Rc::clone(&self.desk), named(key));
        promise(async move { Ok(limiter.reset(&name?).await.map(|()| JsValue::UNDEFINED)?) })
    }
}

/// Where attempts for this key are kept. All who forget to say whose they are would be locked out together.
fn named(key: &str) -> Result<String, Error> {
    if key.is_empty() {
        return Err(Error::option("key", "attempts are counted by a key: a string, and not empty"));
    }
    Ok(name(key))
}

impl Limiter {
    fn read(options: &JsValue) -> Result<Self, Error> {
        let options = Options::new(options, &["store", "limit", "window", "lockout", "now"])?;
        let store = options.value("store");
        let store = store.ok_or_else(|| options.wrong("store", "a limiter counts in a store"))?;
        let whole = |name, default, most| {
            let number = options.number(name, 1.0, most)?.unwrap_or(default);
            #[allow(clippy::cast_possible_truncation, reason = "within its bounds")]
            Ok::<_, Error>(number as i64)
        };
        Ok(Self {
            store: Store::new(store)?,
            bounds: Bounds {
                limit: usize::try_from(whole("limit", 5.0, 100.0)?).unwrap_or(1),
                window: whole("window", 900.0, LONGEST)?,
                lockout: whole("lockout", 900.0, LONGEST)?,
            },
            clock: Clock::of(&options)?,
        })
    }

    async fn take(&self, name: &str) -> Result<(), Failure> {
        let Self { store, bounds, clock } = self;
        let mut rounds = Rounds::default();
        loop {
            let (text, version) = store.get(name).await?;
            let mut attempts =
                text.map_or_else(|| Ok(Attempts::default()), |text| Attempts::read(&text))?;
            #[allow(clippy::cast_possible_truncation, reason = "saturates")]
            let now = clock.seconds()?.floor() as i64;
            let taken = attempts.take(*bounds, now);
            if taken != Taken::Locked {
                let until = attempts.expires_at(*bounds);
                if !store.set(name, &version, Some(&attempts.write()), until).await? {
                    // So many at once are too many, whatever the count says.
                    rounds.lost().await.map_err(|_| TOO_MANY.retry_after(1))?;
                    continue;
                }
            }
            return match taken {
                Taken::Counted => Ok(()),
                Taken::Locked | Taken::LockedNow => Err(attempts.refusal(*bounds, now).into()),
            };
        }
    }

    async fn reset(&self, name: &str) -> Result<(), Failure> {
        let mut rounds = Rounds::default();
        loop {
            let (text, version) = self.store.get(name).await?;
            if text.is_none() || self.store.set(name, &version, None, 0).await? {
                return Ok(());
            }
            rounds.lost().await?;
        }
    }
}
