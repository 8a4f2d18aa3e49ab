//! The bridge to the user's store: one read, one compare-and-set, and patience when others write too.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::wait::{in_time, pause};
use crate::core::account::record::Account;
use crate::core::account::refusal::Refusal;
use crate::core::error::{Code, Error};
use crate::shell::host::random;

#[wasm_bindgen]
extern "C" {
    type JsStore;

    #[wasm_bindgen(method, catch)]
    fn get(this: &JsStore, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = compareAndSet)]
    fn compare_and_set(
        this: &JsStore,
        key: &str,
        expected: &JsValue,
        value: &JsValue,
        expires_at: f64,
    ) -> Result<JsValue, JsValue>;
}

/// A store that compares and sets.
pub(super) struct Store {
    store: Option<JsStore>,
}

/// A record as it was read, with the version that a write has to name.
pub(super) struct Found {
    pub(super) account: Option<Account>,
    version: JsValue,
}

const UNSUITABLE: Error = Error::new(
    Code::StoreUnsuitable,
    "the store must compare and set, and say so in capabilities.compareAndSet: without that, two \
     refreshes at once fork a session. Take an adapter of evertoken/stores; Workers KV is too weak",
);
const NONE: Error = Error::new(
    Code::Options,
    "without the option store nothing is known of sessions, and tokens are good until their end",
);
const STRANGE: Error =
    Error::new(Code::Store, "the store's answer is not as the Store contract has it");

impl Store {
    /// Nothing is remembered.
    pub(super) const NONE: Self = Self { store: None };

    pub(super) const fn is_there(&self) -> bool {
        self.store.is_some()
    }

    /// Refuses what only a store can do.
    pub(super) fn required(&self) -> Result<(), Error> {
        self.asked().map(drop)
    }

    fn asked(&self) -> Result<&JsStore, Error> {
        self.store.as_ref().ok_or_else(|| NONE.about("store"))
    }

    /// Takes a store that says that it is fit.
    pub(super) fn new(store: JsValue) -> Result<Self, Error> {
        let capabilities = member(&store, "capabilities");
        // A stub or a service binding has any member that is asked for, but none of them is `true`.
        let fit = member(&capabilities, "compareAndSet").as_bool() == Some(true)
            && member(&store, "get").is_function()
            && member(&store, "compareAndSet").is_function();
        if fit { Ok(Self { store: Some(store.unchecked_into()) }) } else { Err(UNSUITABLE) }
    }

    /// Reads an account.
    pub(super) async fn read(&self, handle: &str) -> Result<Found, Failure> {
        let (text, version) = self.get(handle).await?;
        Ok(Found { account: text.as_deref().map(Account::read).transpose()?, version })
    }

    /// A record's text, and the version that a write has to name.
    pub(super) async fn get(&self, key: &str) -> Result<(Option<String>, JsValue), Failure> {
        let answer = self.asked()?.get(key).map_err(Failure::store)?;
        let found = in_time(answer).await.map_err(Failure::store)?;
        if found.is_null() || found.is_undefined() {
            return Ok((None, JsValue::NULL));
        }
        let text = member(&found, "value").as_string().ok_or(STRANGE)?;
        let version = member(&found, "version");
        if version.is_null() || version.is_undefined() {
            return Err(STRANGE.into());
        }
        Ok((Some(text), version))
    }

    /// Writes a record, or deletes it, over the version that was read; `false` where somebody else
    /// was faster.
    pub(super) async fn set(
        &self,
        key: &str,
        version: &JsValue,
        text: Option<&str>,
        expires_at: i64,
    ) -> Result<bool, Failure> {
        #[allow(clippy::cast_precision_loss, reason = "instants are far below 2^53")]
        let expires_at = expires_at as f64;
        let text = text.map_or(JsValue::NULL, JsValue::from);
        let answer = self.asked()?.compare_and_set(key, version, &text, expires_at);
        let answer = in_time(answer.map_err(Failure::store)?).await.map_err(Failure::store)?;
        member(&answer, "ok").as_bool().ok_or(Failure::Ours(STRANGE))
    }
}

impl Found {
    pub(super) fn into_parts(self) -> (Option<Account>, JsValue) {
        (self.account, self.version)
    }
}

/// Rounds of read, decide and write, until nobody else writes in between.
#[derive(Default)]
pub(super) struct Rounds {
    lost: u8,
}

impl Rounds {
    const MOST: u8 = 8;

    /// Waits a little longer each time, and by chance, so that rivals part ways.
    pub(super) async fn lost(&mut self) -> Result<(), Failure> {
        self.lost += 1;
        if self.lost >= Self::MOST {
            return Err(Refusal::Contention.into());
        }
        let [chance] = random::<1>()?;
        let most = f64::from(4_u16 << self.lost);
        let wait = most * f64::from(chance) / 255.0;
        Ok(pause(wait).await?)
    }
}

/// A member of an object from outside; what cannot be read is `undefined`.
pub(super) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
