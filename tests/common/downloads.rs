//! Downloads of large objects over two connections, in ranges of 5 MiB.

use securecart_sandbox::{Effect, Fault, Service};

use super::common::Stage;

/// Lets so many ranges arrive: the first over the connection that brings the whole object, which is then spoiled, and
/// the others over the other one, which takes the last first.
pub(crate) fn spoil(stage: &Stage, ranges: u64, effect: impl Fn(u64) -> Effect) {
    let on_get = |effect| Fault::new(effect).on(Service::S3, "GetObject");
    stage.sandbox.fault(on_get(effect(7 << 20)).times(1));
    stage.sandbox.fault(Fault { after: u32::try_from(ranges).unwrap(), ..on_get(effect(0)) });
}

/// What was asked for of an object of `size` bytes: the first byte, and the one after the last.
pub(crate) fn asked(stage: &Stage, size: u64) -> (u64, u64) {
    let calls = stage.sandbox.state().calls;
    let asked = calls.iter().filter(|call| call.operation == "GetObject").map(|call| match &call.range {
        Some(range) => {
            let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            (first.parse().unwrap(), last.parse::<u64>().unwrap() + 1)
        }
        None => (0, size),
    });
    asked.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).unwrap()
}
