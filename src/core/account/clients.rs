//! Which clients there are, and which one a request comes from ([RFC 6749, section 2.2]).
//!
//! [RFC 6749, section 2.2]: https://www.rfc-editor.org/rfc/rfc6749#section-2.2

use crate::core::error::Error;

/// The clients that may hold sessions; any, where none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    ids: Option<Vec<String>>,
}

impl From<Vec<String>> for Clients {
    fn from(ids: Vec<String>) -> Self {
        Self { ids: Some(ids) }
    }
}

impl Clients {
    /// Whether this client may hold sessions.
    #[must_use]
    pub fn allow(&self, id: &str) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.iter().any(|known| known == id))
    }

    /// Who asks: section 6 lets a public client leave its name out, and where there is only one
    /// that is as good as a name.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming `clientId`, where it could be several.
    pub fn named(&self, given: Option<String>) -> Result<String, Error> {
        match (given, self.ids.as_deref()) {
            (Some(id), _) => Ok(id),
            (None, Some([only])) => Ok(only.clone()),
            (None, _) => Err(Error::option("clientId", "client_id is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(ids: &[&str]) -> Clients {
        Clients::from(ids.iter().map(|id| String::from(*id)).collect::<Vec<_>>())
    }

    #[test]
    fn any_client_may_where_none_is_named() {
        assert!(Clients::default().allow("web"));
        assert!(clients(&["web"]).allow("web"));
        assert!(!clients(&["web"]).allow("app"));
        assert!(!clients(&[]).allow("web"));
    }

    #[test]
    fn only_a_single_client_may_leave_its_name_out() {
        assert_eq!(clients(&["web"]).named(None).as_deref(), Ok("web"));
        assert_eq!(clients(&["web"]).named(Some("app".into())).as_deref(), Ok("app"));
        for several in [Clients::default(), clients(&[]), clients(&["web", "app"])] {
            assert_eq!(several.named(None).unwrap_err().option.as_deref(), Some("clientId"));
        }
    }
}
