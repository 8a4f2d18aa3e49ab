//! Whatever is repeated in a token or a key set, reading twice as much of it takes about twice the work: counted in allocations, which no busy machine changes.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use evertoken::core::token::algorithm::Algorithm;
use evertoken::core::token::base64url::encode;
use evertoken::core::token::claims;
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::pem::Pem;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken_fuzz::counting::{Counting, Work, counted};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Arbitrary, Debug)]
struct Input {
    place: Place,
    before: Vec<Piece>,
    unit: Vec<Piece>,
    after: Vec<Piece>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Place {
    Token,
    Header,
    Payload,
    Keys,
    Pem,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Piece {
    Known(u8),
    Any(char),
}

/// What texts are made of; `#` becomes the number of the repetition, so that names can differ.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"#\"",
    "\"#\":0,",
    "\"long-name-in-common-#\":{},",
    "\"\\u0061#\":0,",
    "\"end\":0",
    "0",
    "1e400",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\"aud\":[",
    "\"you\"",
    "\"crit\":[",
    "\"ext\"",
    "\"ext\":0,",
    "\"alg\":\"HS256\"",
    "\"kid\":\"",
    "\"keys\":[",
    ".",
    "-----BEGIN ",
    "-----END ",
    "-----",
    "EC PARAMETERS",
    "PUBLIC KEY",
    "MFkw",
    " ",
    "\n",
    "=",
    r##"{"kty":"oct","kid":"#","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},"##,
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},"#,
];

fn text(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Known(index) => text.push_str(PIECES[usize::from(*index) % PIECES.len()]),
            Piece::Any(char) => text.push(*char),
        }
    }
    text
}

/// What one byte of input may cost: the tree of a JSON text is larger than the text, and grows by doubling.
const CALLS_PER_BYTE: usize = 4;
const BYTES_PER_BYTE: usize = 512;
/// What is spent on nothing at all.
const BASE: Work = Work { calls: 400, bytes: 200_000 };
const MOST: usize = 24_000;

fuzz_target!(|input: Input| {
    let [before, unit, after] = [&input.before, &input.unit, &input.after].map(|all| text(all));
    let times = MOST / (unit.len() + 4);
    if unit.is_empty() || times < 8 || before.len() + after.len() > MOST {
        return;
    }
    let [half, whole] = [times / 2, times].map(|times| {
        let mut text = before.clone();
        for time in 0..times {
            text.push_str(&unit.replacen('#', &time.to_string(), 1));
        }
        text.push_str(&after);
        work(input.place, text)
    });
    for (length, Work { calls, bytes }) in [half, whole] {
        assert!(calls <= BASE.calls + length * CALLS_PER_BYTE, "{calls} allocations for {length}");
        assert!(bytes <= BASE.bytes + length * BYTES_PER_BYTE, "{bytes} bytes for {length}");
    }
    let ((_, half), (_, whole)) = (half, whole);
    assert!(whole.calls <= 3 * half.calls + BASE.calls, "{half:?} -> {whole:?}");
    // A vector that doubles just then makes four of two.
    assert!(whole.bytes <= 5 * half.bytes + BASE.bytes, "{half:?} -> {whole:?}");
});

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let key = br#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let mut policy = Policy::default();
    policy.issuer = vec![String::from("me")];
    policy.audience = vec![String::from("you"), String::from("them")];
    policy.crit = vec![String::from("ext")];
    policy.required_claims.clear();
    Verifier::new(KeySet::from(Jwk::parse(key).expect("it is a key")), policy)
});

/// How long the text is, and what it costs to answer it.
fn work(place: Place, text: String) -> (usize, Work) {
    let text = match place {
        Place::Token | Place::Keys | Place::Pem => text,
        Place::Header => [encode(text.as_bytes()), encode(b"{}"), String::new()].join("."),
        Place::Payload => {
            [encode(br#"{"alg":"HS256"}"#), encode(text.as_bytes()), encode(&[0; 32])].join(".")
        }
    };
    let verifier = &*VERIFIER;
    let ((), work) = counted(|| match place {
        Place::Keys => {
            let _ = KeySet::parse(text.as_bytes());
        }
        Place::Pem => {
            let _ = Pem::parse(&text, Algorithm::Es256);
        }
        Place::Token | Place::Header | Place::Payload => {
            let _ = claims::expires_in(&text, 0.0);
            // As if the signature were good: nobody can make one here.
            if let Ok(pending) = verifier.begin(&text) {
                let _ = pending.finish(true, &verifier.policy, 0.0);
            }
        }
    });
    (text.len(), work)
}
