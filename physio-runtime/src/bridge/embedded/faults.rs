//! Faults on order: what a bad network, a bad host or a killed server does.

use super::request::Endpoint;
use std::time::Duration;

/// One kind of trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this code of the wire instead of doing the work.
    Refuse(&'static str),
    /// Answers with this status and an HTML page, as a host's firewall does.
    Html(u16),
    /// Does the work, then closes the connection without a byte.
    DropReply,
    /// Does the work and sends the first bytes of the body only, then closes the connection.
    CutBody(usize),
    /// Waits before it works.
    Delay(Duration),
    /// Closes the connection without doing anything.
    Offline,
}

/// The faults that wait for requests, oldest first.
///
/// ```
/// use physio_runtime::bridge::embedded::{Endpoint, Fault, Faults};
/// // The next two pushes are applied, but their answers are lost.
/// let faults = Faults::none().times(2, Some(Endpoint::Batch), Fault::DropReply);
/// assert!(!faults.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    fault: Fault,
    endpoint: Option<Endpoint>,
    /// `None`: for ever.
    left: Option<u32>,
}

impl Faults {
    /// No trouble.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every request to `endpoint` (`None`: to any) meets the fault until the faults are replaced.
    #[must_use]
    pub fn always(mut self, endpoint: Option<Endpoint>, fault: Fault) -> Self {
        self.rules.push(Rule { fault, endpoint, left: None });
        self
    }

    /// The next `n` requests to `endpoint` (`None`: to any) meet the fault.
    #[must_use]
    pub fn times(mut self, n: u32, endpoint: Option<Endpoint>, fault: Fault) -> Self {
        self.rules.push(Rule { fault, endpoint, left: Some(n) });
        self
    }

    /// Whether no request will meet a fault any more.
    pub fn is_empty(&self) -> bool {
        self.rules.iter().all(|rule| rule.left == Some(0))
    }

    /// The fault for a request that arrives now; counted rules are used up by it.
    pub fn take(&mut self, endpoint: Option<Endpoint>) -> Option<Fault> {
        let fits =
            |rule: &&mut Rule| rule.left != Some(0) && (rule.endpoint.is_none() || rule.endpoint == endpoint);
        let rule = self.rules.iter_mut().find(fits)?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_faults_are_used_up_and_the_next_rule_follows() {
        let mut faults = Faults::none()
            .times(1, Some(Endpoint::Batch), Fault::DropReply)
            .always(Some(Endpoint::Batch), Fault::Offline);
        assert_eq!(faults.take(Some(Endpoint::Sync)), None);
        assert_eq!(faults.take(Some(Endpoint::Batch)), Some(Fault::DropReply));
        assert_eq!(faults.take(Some(Endpoint::Batch)), Some(Fault::Offline));
        assert_eq!(faults.take(Some(Endpoint::Batch)), Some(Fault::Offline));
        assert!(!faults.is_empty());
    }
}
