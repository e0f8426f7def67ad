//! `securecart ls`.

use crate::cli::folder::LsArgs;
use crate::error::Result;
use crate::folder::listing::{Depth, Entry, Pages};
use crate::folder::{Folder, FolderError, FolderKey};
use crate::ui::{Ui, listing};

/// Lists each path: an object of that name, and what is in the folder of that name.
///
/// # Errors
/// [`crate::error::Kind::Denied`] for a path outside the folder, before anything is asked; any of the folder's.
pub async fn run(args: &LsArgs, folder: &Folder, ui: &Ui) -> Result<()> {
    let mut targets: Vec<FolderKey> =
        args.paths.iter().map(|path| folder.prefix().key(path, args.literal)).collect::<Result<_, _>>()?;
    if targets.is_empty() {
        targets.push(folder.prefix().root());
    }
    let mut lister = Lister { args, folder, ui, sums: listing::Sums::default() };
    let mut verdict = Ok(());
    for target in &targets {
        if let Err(error) = lister.list(target).await {
            if targets.len() > 1 {
                ui.warn(&error.message);
            }
            verdict = Err(error);
        }
    }
    // A sum of less than all would be read as one of all.
    if !args.json && verdict.is_ok() {
        ui.say(lister.sums.told(args.versions));
    }
    verdict
}

struct Lister<'a> {
    args: &'a LsArgs,
    folder: &'a Folder,
    ui: &'a Ui,
    sums: listing::Sums,
}

impl Lister<'_> {
    async fn list(&mut self, target: &FolderKey) -> Result<()> {
        let mut found = target.is_root();
        if !target.is_folder() {
            found |= self.exactly(target).await?;
        }
        // A name too long to have a `/` behind it has nothing below it.
        if let Ok(below) = target.as_folder() {
            let mut pages = self.pages(&below, if self.args.recursive { Depth::Everything } else { Depth::Level });
            while let Some(page) = pages.next().await {
                let page = page?;
                found |= !page.is_empty();
                self.show(&page)?;
            }
        }
        if found { Ok(()) } else { Err(FolderError::NotFound { what: target.to_string() }.into()) }
    }

    /// Shows what has this key; whether there is something.
    async fn exactly(&mut self, target: &FolderKey) -> Result<bool> {
        if !self.args.versions {
            let Some(object) = self.folder.find(target).await? else { return Ok(false) };
            self.show(&[Entry::Object(object)])?;
            return Ok(true);
        }
        // Of all keys that begin with this text, the text itself comes first.
        let mut pages = self.pages(target, Depth::Everything);
        let mut found = false;
        while let Some(page) = pages.next().await {
            let page = page?;
            let own = page.iter().take_while(|entry| entry.key() == target).count();
            found |= own > 0;
            self.show(&page[..own])?;
            if own < page.len() {
                break;
            }
        }
        Ok(found)
    }

    fn pages(&self, prefix: &FolderKey, depth: Depth) -> Pages {
        if self.args.versions { self.folder.list_versions(prefix, depth) } else { self.folder.list(prefix, depth) }
    }

    fn show(&mut self, page: &[Entry]) -> Result<()> {
        self.sums.add(page);
        let text = if self.args.json {
            listing::json(page)
        } else {
            listing::people(page, self.args.versions, self.ui.stdout_is_terminal)
        };
        self.ui.data_bytes(text.as_bytes())
    }
}
