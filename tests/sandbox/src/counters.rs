//! What is counted of the services, for tests to look at.

use std::collections::VecDeque;

use crate::fault::Service;
use crate::state::{Call, State};

const CALLS_KEPT: usize = 10_000;

/// How often what happened, and the last calls.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    state: State,
    calls: VecDeque<Call>,
}

/// What the services count besides requests.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Refresh,
    RefreshReuse,
    SignIn,
    RoleCredentials,
    Approval,
    Denial,
}

impl Counters {
    pub(crate) fn count(&mut self, event: Event) {
        let state = &mut self.state;
        let counter = match event {
            Event::Refresh => &mut state.refreshes,
            Event::RefreshReuse => &mut state.refresh_reuses,
            Event::SignIn => &mut state.sign_ins,
            Event::RoleCredentials => &mut state.role_credentials,
            Event::Approval => &mut state.approvals,
            Event::Denial => &mut state.denials,
        };
        *counter += 1;
    }

    pub(crate) fn count_request(&mut self, service: Service, operation: &str) {
        let key = format!("{}:{operation}", service.name());
        *self.state.requests.entry(key).or_default() += 1;
    }

    pub(crate) fn note(&mut self, call: Call) {
        if self.calls.len() == CALLS_KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// The state, as far as it is counted.
    pub(crate) fn state(&self) -> State {
        State { calls: self.calls.iter().cloned().collect(), ..self.state.clone() }
    }
}
