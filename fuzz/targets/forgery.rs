//! Whatever is done to a signed token, it verifies only as what was signed.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use evertoken::core::token::base64url::encode;
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Insert(u16, &'a str),
    Remove(u16, u8),
    Flip(u16, char),
    Header(&'a str),
    Payload(&'a [u8]),
    Signature(&'a [u8]),
    /// An attacker's own key, named by the token.
    Resign(&'a str),
}

const PAYLOAD: &str = r#"{"sub":"me","exp":2000}"#;

static SIGNED: LazyLock<(Verifier, String, Signer)> = LazyLock::new(|| {
    let key = |byte: u8| format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, encode(&[byte; 32]));
    let [ours, theirs] = [7, 8].map(|byte| Jwk::parse(key(byte).as_bytes()).unwrap());
    let token = Signer::new(&ours).unwrap().sign(r#"{"alg":"HS256"}"#, PAYLOAD).unwrap();
    (Verifier::new(KeySet::from(ours), Policy::default()), token, Signer::new(&theirs).unwrap())
});

fuzz_target!(|changes: Vec<Change<'_>>| {
    let (verifier, signed, attacker) = &*SIGNED;
    let mut token = signed.clone();
    for change in changes.iter().take(8) {
        apply(&mut token, change, attacker);
    }
    let answer = verify(verifier, &token, 1000.0);
    assert_eq!(answer.is_ok(), token == *signed, "{token}");
    if let Ok(verified) = answer {
        assert_eq!(verified.claims_json(), PAYLOAD);
    }
    assert!(verify(verifier, &token, 3000.0).is_err(), "it has expired");
});

fn apply(token: &mut String, change: &Change<'_>, attacker: &Signer) {
    let at = |position: u16, token: &str| {
        let position = usize::from(position) % (token.len() + 1);
        (0..=position).rev().find(|at| token.is_char_boundary(*at)).unwrap_or(0)
    };
    let part = |token: &mut String, which: usize, with: String| {
        let mut parts: Vec<String> = token.split('.').map(String::from).collect();
        if let Some(part) = parts.get_mut(which) {
            *part = with;
        }
        *token = parts.join(".");
    };
    match change {
        Change::Insert(position, text) => token.insert_str(at(*position, token), text),
        Change::Remove(position, count) => {
            let start = at(*position, token);
            let end = token[start..]
                .char_indices()
                .nth(usize::from(*count))
                .map_or(token.len(), |(end, _)| start + end);
            token.replace_range(start..end, "");
        }
        Change::Flip(position, with) => {
            let start = at(*position, token);
            let Some(old) = token[start..].chars().next() else { return };
            token.replace_range(start..start + old.len_utf8(), with.encode_utf8(&mut [0; 4]));
        }
        Change::Header(json) => part(token, 0, encode(json.as_bytes())),
        Change::Payload(bytes) => part(token, 1, encode(bytes)),
        Change::Signature(bytes) => part(token, 2, encode(bytes)),
        Change::Resign(header) => *token = attacker.sign(header, PAYLOAD).unwrap(),
    }
}
