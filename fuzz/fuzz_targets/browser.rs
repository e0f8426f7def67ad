//! What a browser says over its pipe: messages, and requests that wait for a decision.
#![no_main]

use libfuzzer_sys::fuzz_target;
use securecart::signin::saml::browser::{Frames, Paused, Verdict, saml_response};

fuzz_target!(|data: &[u8]| {
    let mut frames = Frames::default();
    let mut messages = Vec::new();
    for piece in data.chunks(7) {
        if frames.push(piece).is_err() {
            return;
        }
        while let Some(message) = frames.next_message() {
            messages.push(message);
        }
    }
    let whole: Vec<&[u8]> = data.split(|byte| *byte == 0).collect();
    assert_eq!(messages.len(), whole.len() - 1);
    assert!(messages.iter().zip(whole).all(|(got, sent)| got.as_slice() == sent));
    for message in messages.iter().map(|message| message.as_slice()).chain([data]) {
        let _ = saml_response(message);
        let Ok(paused) = serde_json::from_slice::<Paused>(message) else { continue };
        if let Verdict::Take(_) = paused.verdict("top") {
            assert_eq!(paused.frame_id, "top");
            assert_eq!(paused.resource_type, "Document");
        }
    }
});
