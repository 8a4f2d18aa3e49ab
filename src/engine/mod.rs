//! Who computes signatures: Rust (`rust-crypto`), the host (`wasm`), or the better of the two.
//!
//! - [`verify`] verifies natively, in Rust alone;
//! - `VerifyingKey::new(&jwk)` and `.ask(algorithm, input, signature)`, `.verify_now(…)` where no promise is
//!   wanted;
//! - `SigningKey::new(&jwk)` and `.sign(input).await -> signature`, `.sign_now(…)`.
//!
//! Making a key costs nothing: the host imports it at its first use, once per isolate.

#[cfg(any(feature = "rust-crypto", feature = "wasm"))]
mod digest;
#[cfg(feature = "wasm")]
mod held;
#[cfg(feature = "rust-crypto")]
mod jwt_simple;
#[cfg(feature = "wasm")]
mod keys;
#[cfg(feature = "rust-crypto")]
mod native;
#[cfg(all(feature = "rust-crypto", feature = "wasm"))]
mod node;
#[cfg(feature = "rust-crypto")]
mod rsa;
#[cfg(feature = "wasm")]
mod webcrypto;

#[cfg(feature = "wasm")]
pub(crate) use digest::{hashed, hashed_now};
#[cfg(feature = "wasm")]
pub(crate) use keys::{Answer, VerifyingKey};
#[cfg(all(feature = "wasm", feature = "issuer"))]
pub(crate) use keys::{SigningKey, generate, import};
#[cfg(feature = "rust-crypto")]
pub use native::{Signer, verify};
#[cfg(feature = "wasm")]
pub(crate) use webcrypto::failed;
