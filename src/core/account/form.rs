//! `application/x-www-form-urlencoded`, as strictly as OAuth has it ([RFC 6749, appendix B]).
//!
//! [RFC 6749, appendix B]: https://www.rfc-editor.org/rfc/rfc6749#appendix-B

/// More parameters than any request has reason to have; each is compared with all others.
const MAX_PARAMETERS: usize = 64;

/// The parameters of a request.
#[derive(Debug)]
pub struct Form {
    parameters: Vec<(String, String)>,
}

impl Form {
    /// Reads a body; `None` where it is malformed, or names a parameter twice, or too many.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in body.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            let is_full = parameters.len() == MAX_PARAMETERS;
            if is_full || parameters.iter().any(|(other, _)| *other == name) {
                return None;
            }
            parameters.push((name, decode(value)?));
        }
        Some(Self { parameters })
    }

    /// A parameter's value; one without a value counts as left out.
    #[must_use]
    pub fn take(&mut self, name: &str) -> Option<String> {
        let position = self.parameters.iter().position(|(other, _)| other == name)?;
        let (_, value) = self.parameters.swap_remove(position);
        Some(value).filter(|value| !value.is_empty())
    }
}

/// A name or a value, decoded; `None` where it is malformed.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let mut form = Form::parse("a=1+2&b=%C3%A9%26&c&&d=").unwrap();
        assert_eq!(form.take("a").as_deref(), Some("1 2"));
        assert_eq!(form.take("b").as_deref(), Some("é&"));
        assert_eq!(form.take("c"), None);
        assert_eq!(form.take("d"), None);
        assert_eq!(form.take("e"), None);
    }

    #[test]
    fn malformed_bodies_are_refused() {
        for body in ["a=%", "a=%2", "a=%zz", "a=%ff", "a=1&a=2", "a=1&%61=2"] {
            assert!(Form::parse(body).is_none(), "{body}");
        }
    }

    #[test]
    fn a_flood_of_parameters_is_refused_before_it_takes_its_square_in_time() {
        let body = |number: usize| (0..number).map(|n| format!("p{n}=&")).collect::<String>();
        assert!(Form::parse(&body(MAX_PARAMETERS)).is_some());
        assert!(Form::parse(&body(MAX_PARAMETERS + 1)).is_none());
        assert!(Form::parse(&body(500_000)).is_none());
    }
}
