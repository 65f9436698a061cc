//! E-mail addresses in the one form that hashes are made of.

/// Gives an address without blanks around it and in small letters; none of a text that cannot be one.
///
/// Dots and what follows a plus sign stay: tools treat them differently, and another address is another mailbox unless its server says otherwise.
pub fn normalised_email(text: &str) -> Option<String> {
    let address = text.trim().to_lowercase();
    let (mailbox, domain) = address.split_once('@')?;
    let is_clean = |letter: char| !letter.is_whitespace() && !letter.is_control() && !",;<>()[]\"\\".contains(letter);
    let labels = || domain.split('.');
    let is_domain = labels().count() >= 2 && labels().all(|label| !label.is_empty()) && !domain.contains('@');
    let is_mailbox = !mailbox.is_empty() && !mailbox.starts_with('.') && !mailbox.ends_with('.');
    (is_domain && is_mailbox && address.chars().all(is_clean)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_and_what_is_none_has_none() {
        assert_eq!(normalised_email(" Anna.Nowak+x@Example.COM\t").as_deref(), Some("anna.nowak+x@example.com"));
        assert_eq!(normalised_email("ż@poczta.pl").as_deref(), Some("ż@poczta.pl"));
        for wrong in [
            "",
            "anna",
            "anna@",
            "@example.com",
            "a@b",
            "a@b..com",
            "a b@c.pl",
            "a@b@c.pl",
            "<a@b.pl>",
            "a@b.pl,c@d.pl",
            ".a@b.pl",
        ] {
            assert_eq!(normalised_email(wrong), None, "{wrong}");
        }
    }
}
