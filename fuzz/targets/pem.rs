//! A key in PEM is read for one algorithm, to the bytes that stand there: however they are broken into lines, and whatever stands around them.

#![no_main]

use arbitrary::Arbitrary;
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use evertoken::core::error::Code;
use evertoken::core::token::algorithm::Algorithm;
use evertoken::core::token::pem::{Pem, seed};
use evertoken_fuzz::strict;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Text(u8, &'a str),
    /// Reaches behind the armour at once.
    Der {
        algorithm: u8,
        label: u8,
        width: u8,
        around: u8,
        der: &'a [u8],
    },
}

const LABELS: [&str; 6] = [
    "PUBLIC KEY",
    "PRIVATE KEY",
    "RSA PUBLIC KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
];

const AROUND: [&str; 4] = [
    "Bag Attributes: <No Attributes>",
    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----",
    "---- \u{feff}é",
    "",
];

fuzz_target!(|input: Input<'_>| {
    let algorithm = |index: &u8| Algorithm::ALL[usize::from(*index) % Algorithm::ALL.len()];
    match &input {
        Input::Text(index, text) => drop(check(text, algorithm(index), None)),
        Input::Der { algorithm: index, label, width, around, der } => {
            let label = LABELS[usize::from(*label) % LABELS.len()];
            let algorithm = algorithm(index);
            let whole = check(&armoured(label, der, 64, "\n"), algorithm, Some(der));
            let broken = armoured(label, der, usize::from(*width) + 1, "\r\n \t");
            assert_eq!(whole, check(&broken, algorithm, Some(der)), "lines are nothing");
            let around = AROUND[usize::from(*around) % AROUND.len()];
            let text = format!("{around}\n{}{around}", armoured(label, der, 64, "\n"));
            assert_eq!(whole, check(&text, algorithm, Some(der)), "nor is what is around");
        }
    }
});

fn armoured(label: &str, der: &[u8], width: usize, end: &str) -> String {
    let body = Base64::encode_string(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----{end}{}{end}-----END {label}-----{end}", lines.join(end))
}

/// Which key it is, where it is one.
fn check(text: &str, algorithm: Algorithm, der: Option<&[u8]>) -> Option<String> {
    let pem = match Pem::parse(text, algorithm) {
        Ok(pem) => pem,
        Err(error) => {
            assert!(matches!(error.code, Code::JwkInvalid | Code::NotSupported));
            return None;
        }
    };
    assert!(!algorithm.is_symmetric(), "a shared secret is never in PEM");
    match &pem {
        Pem::Public(key) => {
            assert!(key.allows(algorithm) && key.verifies && !key.is_private());
            assert_eq!(key.alg, Some(algorithm));
            let published = strict(key.public_json().expect("it is public").as_bytes());
            let published = published.expect("what is published is strict JSON");
            for (name, ends_with) in [("y", true), ("x", false), ("pub", true), ("n", false)] {
                let Some(member) = published.get(name).and_then(|text| text.as_str()) else {
                    continue;
                };
                let bytes = Base64UrlUnpadded::decode_vec(member).expect("it is base64url");
                let Some(der) = der else { continue };
                assert!(if ends_with {
                    der.ends_with(&bytes)
                } else {
                    der.windows(bytes.len()).any(|part| part == bytes)
                });
            }
            Some(key.thumbprint_input())
        }
        Pem::Private(secret) => {
            let bytes = secret.expose();
            if let Some(der) = der {
                assert!(bytes.ends_with(der), "PKCS#8 is the key, or an envelope around it");
            }
            if let Some((seed, expanded)) = seed(secret, algorithm) {
                let last = expanded.unwrap_or(&seed);
                assert!(bytes.ends_with(last) && bytes.windows(32).any(|part| part == seed));
            }
            if bytes.len() > 16 && bytes.iter().any(|byte| *byte > 9) {
                let shown = format!("{pem:?}");
                assert!(shown.len() < 100, "{shown}");
            }
            Some(Base64::encode_string(bytes))
        }
        _ => None,
    }
}
