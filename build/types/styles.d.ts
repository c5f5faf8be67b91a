/** Style sheets are imported for their effect; the bundler gathers them into the window's one `index.css`. */
declare module '*.css'
