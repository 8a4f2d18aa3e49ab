//! evertoken verifies tokens, knows when they expire and renews them in time.
//!
//! [`core`] decides and is pure: `now` and entropy are arguments. [`engine`] computes signatures.
//! The shells (`browser`, `edge` and what they share) perform what the core decides, and exist
//! only with the feature `wasm`.
//!
#![cfg_attr(feature = "rust-crypto", doc = "```")]
#![cfg_attr(not(feature = "rust-crypto"), doc = "```ignore")]
//! use evertoken::core::token::{jwk::Jwk, policy::Policy, verifier::Verifier};
//! use evertoken::engine::verify;
//!
//! # let jwk = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
//! # let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
//! # let now = 1_300_819_000.0;
//! let mut policy = Policy::default();
//! policy.issuer.push(String::from("joe"));
//! let verifier = Verifier::new(Jwk::parse(jwk)?.into(), policy);
//! let claims = verify(&verifier, token, now)?;
//! assert_eq!(claims.string("iss").as_deref(), Some("joe"));
//! # Ok::<(), evertoken::core::error::Error>(())
//! ```

// Says beside each item which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod core;
pub mod engine;

// Public for the tests in browsers alone: the handles are the facades' business.
#[cfg(all(feature = "wasm", feature = "client"))]
#[doc(hidden)]
pub mod browser;
#[cfg(all(feature = "wasm", feature = "issuer"))]
#[doc(hidden)]
pub mod edge;
#[cfg(feature = "wasm")]
#[doc(hidden)]
pub mod shell;

/// A third of the default's size, and as fast.
#[cfg(all(feature = "wasm", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
