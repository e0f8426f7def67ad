//! `securecart ls`.

use crate::cli::folder::LsArgs;
use crate::error::Result;
use crate::folder::listing::{Depth, Entry};
use crate::folder::{Folder, FolderError, FolderKey};
use crate::ui::{Ui, listing};

/// Lists each path: an object of that name, and what is in the folder of that name.
///
/// # Errors
/// [`crate::error::Kind::Denied`] for a path outside the folder, before anything is asked; any of the folder's.
pub async fn run(args: &LsArgs, folder: &Folder, ui: &Ui) -> Result<()> {
    let typed = if args.paths.is_empty() { vec![String::new()] } else { args.paths.clone() };
    let targets: Vec<FolderKey> =
        typed.iter().map(|path| folder.prefix().key(path, args.literal)).collect::<Result<_, _>>()?;
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
    if !args.json {
        ui.say(lister.sums.told());
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
        if !target.is_folder()
            && let Some(object) = self.folder.find(target).await?
        {
            found = true;
            self.show(&[Entry::Object(object)])?;
        }
        // A name too long to have a `/` behind it has nothing below it.
        if let Ok(below) = target.as_folder() {
            let depth = if self.args.recursive { Depth::Everything } else { Depth::Level };
            let mut pages = self.folder.list(&below, depth);
            while let Some(page) = pages.next().await {
                let page = page?;
                found |= !page.is_empty();
                self.show(&page)?;
            }
        }
        if found { Ok(()) } else { Err(FolderError::NotFound { what: target.to_string() }.into()) }
    }

    fn show(&mut self, page: &[Entry]) -> Result<()> {
        self.sums.add(page);
        let text = if self.args.json { listing::json(page) } else { listing::people(page, self.ui.stdout_is_terminal) };
        self.ui.data_bytes(text.as_bytes())
    }
}
