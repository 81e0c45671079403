//! What a page must still show where the system forces its colours: squares, dots and bars, and what is chosen.

/// The faults of what is shown, as sentences. Nothing may be told apart by a colour of its own: a shape needs a border, a
/// pattern or a colour of the system, and what is chosen must look otherwise than what is not.
pub(crate) const FAULTS: &str = "
    const faults = [];
    const shown = (one) => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 0;
    const canvas = getComputedStyle(document.documentElement).backgroundColor;
    const bare = getComputedStyle(document.body).backgroundColor;
    const clear = (colour) => colour === 'transparent' || /^rgba.*, 0\\)$/.test(colour) || colour === canvas || colour === bare;
    const drawn = (style) =>
        !clear(style.backgroundColor)
        || style.backgroundImage !== 'none'
        || ['Top', 'Right', 'Bottom', 'Left'].some((side) => style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) > 0 && !clear(style[`border${side}Color`]))
        || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
    const shapes = '.squares i, .legend i, .votes i, .steps .dot, .check-steps .dot, .point, .moment i, .freeze-legend i, .freeze-band, .split-bar, .button:not(.quiet), input:not([type=file], [type=checkbox], [type=radio], .palette-input), select, textarea';
    for (const one of document.querySelectorAll(shapes)) {
        if (shown(one) && !drawn(getComputedStyle(one))) faults.push(`vanishes: ${one.outerHTML.slice(0, 120)}`);
    }
    for (const one of document.querySelectorAll('.state, .live-state')) {
        if (shown(one) && !drawn(getComputedStyle(one, '::before'))) faults.push(`has no shape: ${one.outerHTML.slice(0, 120)}`);
    }
    for (const one of document.querySelectorAll('.chart svg path, .sparkline polyline')) {
        const {fill, stroke} = getComputedStyle(one);
        if (shown(one) && [fill, stroke].every((paint) => paint === 'none' || clear(paint))) faults.push(`is not drawn: ${one.outerHTML.slice(0, 120)}`);
    }
    const looks = (one) => {
        const style = getComputedStyle(one);
        return ['backgroundColor', 'color', 'borderTopColor', 'borderTopWidth', 'borderBottomColor', 'borderLeftWidth', 'outlineStyle', 'outlineColor'].map((name) => style[name]).join();
    };
    for (const [chosen, other] of [
        ['.facet[aria-current]', '.facet:not([aria-current]):not(.filter-chip)'],
        ['.tabs a[aria-current]', '.tabs a:not([aria-current])'],
        ['.segments [aria-pressed=true]', '.segments [aria-pressed=false]'],
        ['.screens > a[aria-current]', '.screens > a:not([aria-current])'],
        ['.option.selected', '.option:not(.selected)'],
        ['.palette li[aria-selected=true]', '.palette li[aria-selected=false]'],
    ]) {
        const [is, is_not] = [chosen, other].map((which) => [...document.querySelectorAll(which)].find(shown));
        if (is && is_not && looks(is) === looks(is_not)) faults.push(`looks as if it were not chosen: ${is.outerHTML.slice(0, 120)}`);
    }
    if (!document.querySelector('dialog[open], :popover-open')) {
        const before = document.activeElement;
        const one = [...document.querySelectorAll('main a[href], main button:not([disabled]), main input')].find(shown);
        one?.focus({focusVisible: true, preventScroll: true});
        const {outlineStyle, outlineWidth, outlineColor} = one ? getComputedStyle(one) : {};
        // A page may give the focus to something else at once.
        if (one?.matches(':focus-visible') && (outlineStyle === 'none' || parseFloat(outlineWidth) === 0 || clear(outlineColor))) faults.push(`has the focus unseen: ${one.outerHTML.slice(0, 120)}`);
        one?.blur();
        before?.focus({preventScroll: true});
    }
    return faults;";
