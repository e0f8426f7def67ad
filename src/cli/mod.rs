//! What can be typed: clap types only. Their doc comments are the help text.

pub mod folder;
