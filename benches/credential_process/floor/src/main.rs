//! `floor keychain|keyutils ITEM`: prints what `securecart` keeps under that name.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments[1].as_str() {
        "keychain" => keyring_core::set_default_store(dbus_secret_service_keyring_store::Store::new()?),
        "keyutils" => keyring_core::set_default_store(linux_keyutils_keyring_store::Store::new()?),
        other => return Err(format!("unknown store: {other}").into()),
    }
    let secret = keyring_core::Entry::new("securecart", &arguments[2])?.get_secret()?;
    std::io::stdout().write_all(&secret)?;
    Ok(())
}
