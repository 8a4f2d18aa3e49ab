//! A refresh token is taken for genuine only where it is, to the letter, what was minted for this client.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use evertoken::core::account::codec::{
    MAX_LENGTH, RefreshToken, Secrets, handle, session_id, split_sid,
};
use evertoken::core::account::refusal::Refusal;
use evertoken::core::secret::Secret;
use libfuzzer_sys::fuzz_target;

static SECRETS: LazyLock<[Secrets; 2]> =
    LazyLock::new(|| [7, 8].map(|byte| Secrets::new(&[Secret::new(vec![byte; 32])]).unwrap()));

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    subject: &'a str,
    session: [u8; 12],
    generation: u64,
    client: &'a str,
    other_client: &'a str,
    position: u8,
    with: &'a str,
    text: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let [ours, theirs] = &*SECRETS;
    let generation = input.generation % ((1 << 53) - 1) + 1;
    let owner = handle("https://issuer.example", input.subject);
    let minted = ours.mint(&owner, &session_id(input.session), generation, input.client);
    assert!(minted.len() <= MAX_LENGTH);
    assert_eq!(minted, ours.mint(&owner, &session_id(input.session), generation, input.client));

    let token = RefreshToken::parse(&minted).expect("what is minted can be read");
    assert_eq!((token.handle(), token.generation()), (&*owner, generation));
    assert_eq!(
        split_sid(&format!("{owner}.{}", token.session())),
        Some((&*owner, token.session()))
    );
    assert_eq!(ours.check(&token, input.client), Ok(()));
    assert_eq!(ours.check(&token, input.other_client).is_ok(), input.client == input.other_client);
    assert_eq!(theirs.check(&token, input.client), Err(Refusal::UnknownSecret));

    let at = usize::from(input.position) % minted.len();
    let mut changed = minted.clone();
    changed.replace_range(at..=at, input.with);
    if changed != minted {
        assert!(RefreshToken::parse(&changed).is_err(), "the checksum sees every change");
    }
    for text in [input.text, &*changed] {
        if let Ok(token) = RefreshToken::parse(text) {
            assert!(ours.check(&token, input.client).is_err() || text == minted);
        }
        let _ = split_sid(text);
    }
});
