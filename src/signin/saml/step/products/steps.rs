//! Pages after the password.
