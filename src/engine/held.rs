//! Keys on the host's side, taken in once per isolate: issuers and verifiers may be made for every request.

use std::cell::RefCell;

use crate::core::secret::Secret;
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::Jwk;

/// How many keys an isolate keeps at hand.
const MOST: usize = 32;

/// The keys of one engine, of which the oldest goes first.
pub(super) struct Held<K>(RefCell<Vec<(Secret, K)>>);

impl<K: Clone> Held<K> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    pub(super) fn find(&self, name: &Secret) -> Option<K> {
        let keys = self.0.borrow();
        keys.iter().find_map(|(other, key)| (other == name).then(|| key.clone()))
    }

    pub(super) fn keep(&self, name: Secret, key: &K) {
        let mut keys = self.0.borrow_mut();
        if keys.len() == MOST {
            keys.remove(0);
        }
        keys.push((name, key.clone()));
    }
}

/// What tells a key from all others: it may hold the key's private part.
pub(super) fn name(jwk: &Jwk, algorithm: Algorithm, to_sign: bool) -> Secret {
    let mut name = jwk.material_json(to_sign || algorithm.is_symmetric());
    name.push_str(algorithm.name());
    name.push_str(if to_sign { " signs" } else { " verifies" });
    Secret::new(name.into_bytes())
}
