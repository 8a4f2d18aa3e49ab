//! What a 401 asks for ([RFC 6750, section 3], [RFC 9470]).
//!
//! [RFC 6750, section 3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
//! [RFC 9470]: https://www.rfc-editor.org/rfc/rfc9470

/// Whether a `WWW-Authenticate` asks for a stronger sign-in, which no refresh can give.
pub(super) fn asks_for_step_up(challenge: &str) -> bool {
    const ERRORS: [&str; 2] = ["insufficient_user_authentication", "insufficient_scope"];
    let mut parts = challenge.split(|at: char| !(at.is_ascii_alphanumeric() || at == '_'));
    parts.any(|part| ERRORS.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_step_up_is_one() {
        assert!(asks_for_step_up(
            r#"Bearer error="insufficient_user_authentication", acr_values="mfa""#
        ));
        assert!(asks_for_step_up("DPoP, Bearer error=insufficient_user_authentication"));
        assert!(!asks_for_step_up(r#"Bearer error="invalid_token""#));
        assert!(!asks_for_step_up("Bearer"));
        assert!(!asks_for_step_up(""));
    }
}
