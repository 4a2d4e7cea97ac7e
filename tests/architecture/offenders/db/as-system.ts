export const asSystem = 1;
