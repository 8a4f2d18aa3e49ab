//! A challenge is always one header value of the scheme `Bearer` that reads back to what it was made of (RFC 9110, section 11.6.1).

#![no_main]

use arbitrary::Arbitrary;
use evertoken::core::error::{Code, StepUp};
use evertoken::core::token::challenge::{Site, challenge};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    code: u8,
    max_auth_age: Option<u32>,
    acr_values: Vec<String>,
    realm: Option<String>,
    metadata: Option<&'a str>,
}

const CODES: [Option<Code>; 8] = [
    None,
    Some(Code::StepUpRequired),
    Some(Code::StepUpRequired),
    Some(Code::JwtExpired),
    Some(Code::JwtClaimValidationFailed),
    Some(Code::TokenRevoked),
    Some(Code::Store),
    Some(Code::Options),
];

fuzz_target!(|input: Input<'_>| {
    let code = CODES[usize::from(input.code) % CODES.len()];
    let mut needed = StepUp::default();
    needed.max_auth_age = input.max_auth_age;
    needed.acr_values.clone_from(&input.acr_values);
    let url = input.metadata.map(|rest| format!("https://{rest}"));
    let site = Site { realm: input.realm.as_deref(), resource_metadata: url.as_deref() };
    let value = match challenge(code, &needed, site) {
        Ok(value) => value,
        Err(error) => {
            assert_eq!(error.code, Code::Options);
            let is_plain = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            match error.detail().option.as_deref() {
                Some("realm") => assert!(!input.realm.is_some_and(|realm| is_plain(&realm))),
                Some("resourceMetadata") => assert!(
                    url.is_some_and(|url| { !is_plain(&url) || url.contains([' ', '"', '\\']) })
                ),
                other => panic!("{other:?} is no option of a challenge"),
            }
            return;
        }
    };

    let all = parameters(&value).unwrap_or_else(|| panic!("{value:?} is no challenge"));
    let get = |name: &str| all.iter().find(|(own, _)| own == name).map(|(_, text)| &**text);
    for (at, (name, _)) in all.iter().enumerate() {
        assert!(all[..at].iter().all(|(earlier, _)| earlier != name), "{name} stands twice");
    }
    assert_eq!(get("realm"), input.realm.as_deref());
    assert_eq!(get("resource_metadata"), url.as_deref());
    assert_eq!(get("error").is_some(), get("error_description").is_some());
    assert!(matches!(
        get("error"),
        None | Some("invalid_token" | "insufficient_user_authentication")
    ));
    if code == Some(Code::StepUpRequired) {
        assert_eq!(get("error"), Some("insufficient_user_authentication"));
        assert_eq!(get("max_age"), input.max_auth_age.map(|age| age.to_string()).as_deref());
        let mut asked = input.acr_values.iter();
        for value in get("acr_values").into_iter().flat_map(|values| values.split(' ')) {
            assert!(asked.any(|one| one == value), "{value:?} was not asked for, or not there");
        }
    } else {
        assert_eq!((get("max_age"), get("acr_values")), (None, None));
    }
});

/// The parameters of a `Bearer` challenge, each a quoted string; `None` where it is anything else.
fn parameters(value: &str) -> Option<Vec<(String, String)>> {
    let mut rest = value.strip_prefix("Bearer")?;
    let mut all = Vec::new();
    let mut separator = " ";
    while !rest.is_empty() {
        let (name, quoted) = rest.strip_prefix(separator)?.split_once("=\"")?;
        if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()) {
            return None;
        }
        let mut text = String::new();
        let mut characters = quoted.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at + 1,
                (_, '\\') => text.push(characters.next()?.1),
                (_, character @ ' '..='~') => text.push(character),
                _ => return None,
            }
        };
        all.push((String::from(name), text));
        rest = quoted.get(end..)?;
        separator = ", ";
    }
    Some(all)
}
